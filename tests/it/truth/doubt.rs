//! The checker is doubted: whatever dl-tree could get wrong, it has to see.

use super::{
    chance, expect,
    fault::survivors,
    node::{Node, Tree},
    record::{Line, Pen, Status},
    score::{Score, Share, score},
    write::{SCHEMES, Scheme},
};
use crate::rng::Rng;

/// Something to get wrong.
struct Mistake {
    name: &'static str,
    /// Makes it; true if there was something to get wrong.
    make: fn(&mut Vec<Tree>) -> bool,
    /// The count that has to show it.
    count: fn(&Score) -> &Share,
}

const MISTAKES: [Mistake; 11] = [
    Mistake {
        name: "a tree is missing",
        make: |trees| trees.pop().is_some(),
        count: |score| &score.trees,
    },
    Mistake {
        name: "a record is missing",
        make: |trees| lose(trees),
        count: |score| &score.in_tree,
    },
    Mistake {
        name: "two trees are one",
        make: merge,
        count: |score| &score.in_tree,
    },
    Mistake {
        name: "a scope is a tree of its own",
        make: cut,
        count: |score| &score.in_tree,
    },
    Mistake {
        name: "a scope is too high",
        make: |trees| lift(trees),
        count: |score| &score.under,
    },
    Mistake {
        name: "a record is in the scope above",
        make: |trees| raise(trees),
        count: |score| &score.under,
    },
    Mistake {
        name: "a flag is missing",
        make: |trees| any(trees, &mut |node| node.flags.pop_first().is_some()),
        count: |score| &score.nodes,
    },
    Mistake {
        name: "a status is wrong",
        make: |trees| any(trees, &mut succeed),
        count: |score| &score.nodes,
    },
    Mistake {
        name: "a name is wrong",
        make: |trees| {
            any(trees, &mut |node| {
                node.name.replace("else".to_owned()).is_some()
            })
        },
        count: |score| &score.trees,
    },
    Mistake {
        name: "records are out of order",
        make: |trees| any(trees, &mut swap),
        count: |score| &score.trees,
    },
    Mistake {
        name: "a tree is said to be complete",
        make: |trees| {
            let broken = trees.iter_mut().find(|tree| !tree.complete);
            broken.map(|tree| tree.complete = true).is_some()
        },
        count: |score| &score.trees,
    },
];

#[test]
fn every_mistake_is_seen() {
    for scheme in ["Eliot", "OpenTelemetry spans and logs"] {
        let scheme = SCHEMES.iter().find(|known| known.name == scheme);
        let scheme = scheme.expect("a scheme");
        let (lines, requests) = some_lines(scheme);
        let expected = expect::trees(&lines);
        let (perfect, words) = score(&requests, &lines, &expected, &expected);
        assert!(perfect.is_perfect() && words.is_none(), "{words:?}");
        for Mistake { name, make, count } in MISTAKES {
            let mut told = expected.clone();
            if !make(&mut told) {
                // Only numbers tell an order, and those of traces have none.
                assert_ne!(scheme.name, "Eliot", "{name}: nothing to get wrong");
                continue;
            }
            for tree in &mut told {
                tree.root.sort();
            }
            let (score, words) = score(&requests, &lines, &expected, &told);
            assert!(
                !count(&score).is_whole() && words.is_some(),
                "{name} is not seen"
            );
        }
    }
}

fn some_lines(scheme: &Scheme) -> (Vec<Line>, Vec<super::model::Request>) {
    let requests = chance::requests(7, 20);
    let mut pen = Pen::new();
    for request in &requests {
        (scheme.write)(request, &mut pen);
    }
    (survivors(&pen.lines, 20, 3, &mut Rng::new(7)), requests)
}

/// Changes the first node that can be changed.
fn any(trees: &mut [Tree], change: &mut impl FnMut(&mut Node) -> bool) -> bool {
    trees.iter_mut().any(|tree| within(&mut tree.root, change))
}

fn within(node: &mut Node, change: &mut impl FnMut(&mut Node) -> bool) -> bool {
    change(node) || node.children.iter_mut().any(|child| within(child, change))
}

fn succeed(node: &mut Node) -> bool {
    let failed = node.status == Status::Failed;
    if failed {
        node.status = Status::Succeeded;
    }
    failed
}

fn swap(node: &mut Node) -> bool {
    let order = node
        .order
        .iter_mut()
        .find(|order| order.first() != order.last());
    order.map(|order| order.reverse()).is_some()
}

fn lose(trees: &mut [Tree]) -> bool {
    any(trees, &mut |node| {
        let several = node.records.len() > 1;
        if several {
            node.records.remove(0);
        }
        several
    })
}

fn merge(trees: &mut Vec<Tree>) -> bool {
    let Some(tree) = trees.pop() else {
        return false;
    };
    trees[0].root.children.push(tree.root);
    true
}

fn cut(trees: &mut Vec<Tree>) -> bool {
    let mut gone = None;
    any(trees, &mut |node| {
        gone = (!node.records.is_empty())
            .then(|| node.children.pop())
            .flatten();
        gone.is_some()
    });
    let Some(root) = gone else {
        return false;
    };
    trees.push(Tree {
        root,
        ..trees[0].clone()
    });
    true
}

/// A node goes from its parent, which has records, to the one above, which has some too.
fn lift(trees: &mut [Tree]) -> bool {
    any(trees, &mut |node| {
        if node.records.is_empty() {
            return false;
        }
        let low = node.children.iter_mut().find(|child| {
            let below = child.children.iter();
            !child.records.is_empty() && below.clone().any(|low| !low.records.is_empty())
        });
        let Some(low) = low else {
            return false;
        };
        let at = low.children.iter().position(|low| !low.records.is_empty());
        let child = low.children.remove(at.expect("it was found"));
        node.children.push(child);
        true
    })
}

fn raise(trees: &mut [Tree]) -> bool {
    any(trees, &mut |node| {
        let Some(child) = node
            .children
            .iter_mut()
            .find(|child| child.records.len() > 1)
        else {
            return false;
        };
        let record = child.records.remove(0);
        let has_records = !node.records.is_empty();
        node.records.push(record);
        has_records
    })
}
