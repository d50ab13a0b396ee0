//! Any lines: their trees hold each record once, and are read back as they were written.
#![no_main]

use std::cell::RefCell;

use distlog::tree::{self, Assembler, Claimer, Claims, Collector, Kind, Schemes, Watch};
use foldhash::fast::RandomState;
use libfuzzer_sys::fuzz_target;

thread_local! {
    /// Made once: they know all producers and schemes.
    static TOOLS: RefCell<(Claimer, Assembler)> = RefCell::new((
        Claimer::new(&Schemes::default(), RandomState::default(), Watch::Roots),
        Assembler::default(),
    ));
}

fuzz_target!(|bytes: &[u8]| TOOLS.with_borrow_mut(|(claimer, assembler)| check(bytes, claimer, assembler)));

fn check(bytes: &[u8], claimer: &mut Claimer, assembler: &mut Assembler) {
    let (mut claims, mut collector, mut closed) = (Claims::default(), Collector::default(), Vec::new());
    let mut expect: Vec<&[u8]> = Vec::new();
    let mut start = 0;
    for line in bytes.split(|&b| b == b'\n') {
        match claimer.claim(line, start, &mut claims) {
            Ok(Kind::Claimed) => expect.push(distlog::record::trim(line)),
            Ok(Kind::Tree) => check_tree(line),
            Ok(Kind::Loose | Kind::Document) | Err(_) => {}
        }
        start += line.len() + 1;
    }
    collector.absorb(bytes.to_vec(), &claims, 0, &mut closed);
    let mut flat: Vec<Vec<u8>> = Vec::new();
    for (_, gathered) in collector.trees() {
        let lines: Vec<_> = collector.lines(gathered).collect();
        let tree = assembler.assemble(&lines);
        tree::flatten(&tree, |_, record| flat.push(record.to_vec()));
        let mut text = Vec::new();
        tree::write(&tree, &mut text);
        let backwards: Vec<_> = lines.iter().rev().copied().collect();
        let mut again = Vec::new();
        tree::write(&assembler.assemble(&backwards), &mut again);
        assert_eq!(text.escape_ascii().to_string(), again.escape_ascii().to_string());
        let read = tree::read(&text).expect("a tree");
        again.clear();
        tree::write(&read, &mut again);
        assert_eq!(text.escape_ascii().to_string(), again.escape_ascii().to_string());
        let (mut a, mut b) = (Vec::new(), Vec::new());
        tree::flatten(&tree, |_, record| a.push(record));
        tree::flatten(&read, |_, record| b.push(record));
        assert_eq!(a, b);
    }
    expect.sort_unstable();
    flat.sort_unstable();
    assert_eq!(flat, expect);
}

/// A line that says it is a tree is read without harm, and what was read once is stable.
fn check_tree(line: &[u8]) {
    if let Ok(read) = tree::read(line) {
        let mut count = 0;
        tree::flatten(&read, |_, _| count += 1);
    }
}
