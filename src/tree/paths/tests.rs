//! A walk over notes against the tree of the records themselves.

use std::fmt::Write as _;

use foldhash::fast::RandomState;
use proptest::{collection::vec, option, prelude::*};

use crate::tree::{
    Assembler, Catalog, Claimer, Claims, Kind, Material, Schemes, Seen, Watch, write,
};

/// A record of Eliot: level, status, host, name, time and failure.
fn record() -> impl Strategy<Value = String> {
    let number = prop_oneof![9 => 1..4_u64, 1 => Just(255), 1 => Just(70_000)];
    let status = prop_oneof![
        3 => Just(""),
        2 => Just("started"),
        2 => Just("succeeded"),
        1 => Just("failed"),
    ];
    let host = option::weighted(0.8, prop_oneof!["a", "b"]);
    let time = option::weighted(0.9, 0..20_u32);
    (vec(number, 1..5), status, host, time, 0..3_u8).prop_map(
        |(level, status, host, time, more)| {
            let level: Vec<_> = level.iter().map(u64::to_string).collect();
            let mut line = format!(r#"{{"task_uuid":"t","task_level":[{}]"#, level.join(","));
            if !status.is_empty() {
                let _ = write!(
                    line,
                    r#","action_status":"{status}","action_type":"n:{more}""#
                );
            }
            if status == "failed" {
                let _ = write!(line, r#","exception":"E","reason":"{}""#, "x".repeat(9));
            }
            if let Some(host) = host {
                let _ = write!(line, r#","host":"{host}","pid":{more}"#);
            }
            if let Some(time) = time {
                // Some are known to the second only.
                let half = ["", ".5"][usize::from(time % 4 > 0)];
                let _ = write!(line, r#","timestamp":{time}{half}"#);
            }
            line + "}"
        },
    )
}

proptest! {
    #[test]
    fn a_walk_over_notes_gives_the_tree_of_the_records(records in vec(record(), 1..40)) {
        let schemes = Schemes::default();
        let mut claimer = Claimer::new(&schemes, RandomState::default(), Watch::Places);
        let mut claims = Claims::default();
        let mut text = String::new();
        for record in &records {
            let claimed = claimer.claim(record, text.len(), &mut claims);
            prop_assert_eq!(claimed, Ok(Kind::Claimed));
            text += record;
        }
        let mut catalog = Catalog::default();
        catalog.absorb(0, &claims);
        let trees = catalog.into_trees();
        let [tree] = trees.list() else {
            return Err(TestCaseError::fail("one tree"));
        };
        let (mut spots, mut lines, mut notes) = (Vec::new(), Vec::new(), Vec::new());
        trees.spots(tree, &mut Seen::default(), &mut spots);
        for spot in &spots {
            let start = usize::try_from(spot.address).unwrap_or(usize::MAX);
            lines.push(&text.as_bytes()[start..start + spot.length]);
            notes.push(spot.note);
        }
        let name = trees.name(tree);
        let mut assembler = Assembler::new(&schemes);
        let mut written = [Vec::new(), Vec::new(), Vec::new()];
        for out in &mut written[..2] {
            let material = Material { name, lines: &lines, notes: &notes };
            write(&assembler.assemble_from(material), out);
        }
        write(&assembler.assemble(&lines), &mut written[2]);
        let texts = written.each_ref().map(|out| String::from_utf8_lossy(out));
        prop_assert_eq!(&texts[0], &texts[2]);
        prop_assert_eq!(&texts[1], &texts[2]);
    }
}
