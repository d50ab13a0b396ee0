//! Any rules against a naive model of what goes where.

use std::{collections::BTreeMap, fmt::Write, fs};

use proptest::prelude::*;

use crate::{
    support::{Dir, newlines, program},
    tries::tries,
};

/// A rule of the model: which residues it takes, where to, and whether records go on.
#[derive(Clone, Debug)]
struct Model {
    modulus: u32,
    to: Vec<u8>,
    goes_on: bool,
    throttled: bool,
}

fn models() -> impl Strategy<Value = Vec<Model>> {
    let model = (
        1u32..5,
        proptest::collection::btree_set(0u8..4, 0..3),
        any::<bool>(),
        any::<bool>(),
    );
    let model = model.prop_map(|(modulus, to, goes_on, throttled)| Model {
        modulus,
        to: to.into_iter().collect(),
        goes_on,
        throttled,
    });
    proptest::collection::vec(model, 0..6)
}

proptest! {
    #![proptest_config(tries(24))]
    #[test]
    fn what_arrives_is_what_the_naive_model_says(models in models(), default in proptest::option::of(0u8..4), jobs in 1u32..4) {
        let dir = Dir::new();
        let place = |n: u8| dir.path(&format!("{n}.log"));
        let list = |to: &[u8]| {
            let names: Vec<_> = to.iter().map(|&n| place(n).display().to_string()).collect();
            if names.is_empty() { "drop".to_owned() } else { format!("[{}]", names.join(", ")) }
        };
        let mut rules = String::from("rules:\n");
        for (number, model) in models.iter().enumerate() {
            // So high that it never takes any away: it only has to see them in order.
            let throttle = if model.throttled { ", throttle: 100000000/s" } else { "" };
            let _ = writeln!(
 rules,
                "- {{name: r{number}, when: .m{} == 0, to: {}, continue: {}{throttle}}}",
                model.modulus, list(&model.to), model.goes_on
            );
        }
        if models.is_empty() {
            rules = "rules: []\n".into();
        }
        let _ = writeln!(rules, "default: {}", list(default.as_slice()));
        let lines: Vec<_> = (0..300u32)
            .map(|n| format!("{{\"n\":{n},\"m1\":0,\"m2\":{},\"m3\":{},\"m4\":{}}}\n", n % 2, n % 3, n % 4))
            .collect();
        let mut expect: BTreeMap<u8, String> = BTreeMap::new();
        let mut written = 0;
        for (n, line) in (0u32..).zip(&lines) {
            let (mut held, mut any) = (false, false);
            let mut put = |to: &[u8]| {
                for &to in to {
                    expect.entry(to).or_default().push_str(line);
                    any = true;
                }
            };
            for model in &models {
                if n % model.modulus == 0 {
                    put(&model.to);
                    if !model.goes_on {
                        held = true;
                        break;
                    }
                }
            }
            if !held {
                put(default.as_slice());
            }
            written += u32::from(any);
        }
        let file = dir.file("rules", rules);
        program("dl-filter").arg("--rules").arg(&file).args(&["--stats", "--jobs", &jobs.to_string()])
            .stdin(lines.concat())
            .run_and(|ran| {
                let balance = format!("300 read, {written} written, {} filtered, 0 rejected", 300 - written);
                assert!(ran.stderr.contains(&balance), "{} {balance}", ran.stderr);
                assert_eq!(ran.status, 0);
            });
        for n in 0..4 {
            let got = fs::read_to_string(place(n)).unwrap_or_default();
            let want = expect.remove(&n).unwrap_or_default();
            prop_assert!(got == want, "{n}: {} of {} lines", newlines(got.as_bytes()), newlines(want.as_bytes()));
        }
    }
}
