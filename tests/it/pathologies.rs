//! dl-tree's cost stays linear where it could be worse, and its trees stay right there: a short
//! form of `scripts/pathologies`, which has the sizes of real trouble.
//!
//! What is compared is the processor time of a size and of four times that size. Quadratic work
//! that matters takes up to 16 times as long then, linear work four times.

mod made;
mod measured;

use made::{Ids, eliot, own, span, zipkin_half};
use measured::{Shape, stays_linear};

/// One tree of so many nodes on so many levels.
fn one(nodes: usize, levels: usize) -> Shape {
    Shape {
        trees: 1,
        nodes,
        levels,
        broken: Vec::new(),
    }
}

#[test]
fn one_tree_of_many_records() {
    let started = |name| format!("\"action_type\":\"{name}\",\"action_status\":\"started\"");
    let ended = |name| format!("\"action_type\":\"{name}\",\"action_status\":\"succeeded\"");
    stays_linear(200, &[], |size, lines| {
        eliot(lines, "t", &[1], &started("whole"));
        for action in 0..size {
            for place in 1..=10 {
                let more = match place {
                    1 => started("part"),
                    10 => ended("part"),
                    _ => "\"message_type\":\"m\"".to_owned(),
                };
                eliot(lines, "t", &[action + 2, place], &more);
            }
        }
        eliot(lines, "t", &[size + 2], &ended("whole"));
        one(size + 1, 2)
    });
}

#[test]
fn a_deep_tree() {
    stays_linear(2_000, &[], |size, lines| {
        for number in 1..=size {
            span(lines, number, number - 1, number);
        }
        one(size, size)
    });
}

#[test]
fn a_deep_tree_whose_deepest_record_comes_first() {
    stays_linear(2_000, &[], |size, lines| {
        for number in (1..=size).rev() {
            span(lines, number, number - 1, number);
        }
        one(size, size)
    });
}

#[test]
fn a_deep_tree_by_ids_of_ones_own() {
    let args = ["--id", "own", "--parent", "up"];
    stays_linear(2_000, &args, |size, lines| {
        for number in 1..=size {
            own(lines, number, number - 1);
        }
        one(size, size)
    });
}

#[test]
fn many_trees_of_one_record() {
    stays_linear(2_000, &[], |size, lines| {
        for number in 0..size {
            eliot(lines, &format!("t{number}"), &[1], "\"message_type\":\"m\"");
        }
        Shape {
            trees: size,
            nodes: size,
            levels: 1,
            broken: Vec::new(),
        }
    });
}

#[test]
fn many_children_of_one_parent() {
    stays_linear(2_000, &[], |size, lines| {
        span(lines, 1, 0, 0);
        for number in 2..=size + 1 {
            // In no order.
            span(lines, number, 1, number * 7_919 % size);
        }
        one(size + 1, 2)
    });
}

#[test]
fn ids_of_ten_kilobytes() {
    let head = "x".repeat(10_240);
    stays_linear(50, &[], |size, lines| {
        for number in 0..size {
            let task = format!("{head}{number}");
            eliot(lines, &task, &[1], "\"message_type\":\"m\"");
        }
        Shape {
            trees: size,
            nodes: size,
            levels: 1,
            broken: Vec::new(),
        }
    });
}

#[test]
fn a_ring_of_parents_is_broken_at_its_earliest_scope() {
    stays_linear(2_000, &[], |size, lines| {
        for number in 1..=size {
            // The earliest is neither the first nor the last of the input.
            span(lines, number, number % size + 1, (number + size / 3) % size);
        }
        // What is broken hangs below the trace.
        Shape {
            broken: vec![Ids::span(size - size / 3)],
            ..one(size + 1, size + 1)
        }
    });
}

#[test]
fn many_rings_are_each_broken_at_their_earliest_scope() {
    stays_linear(700, &[], |size, lines| {
        for first in (0..size).map(|ring| ring * 3 + 1) {
            for place in 0..3 {
                let number = first + place;
                let start = first + (place + 1) % 3;
                span(lines, number, first + (place + 1) % 3, start);
            }
        }
        Shape {
            broken: (0..size).map(|ring| Ids::span(ring * 3 + 3)).collect(),
            ..one(size * 3 + 1, 4)
        }
    });
}

#[test]
fn one_id_of_many_services() {
    stays_linear(1_000, &[], |size, lines| {
        for number in 0..size {
            zipkin_half(lines, number);
        }
        one(2 * size + 1, 3)
    });
}

#[test]
fn many_tasks_of_one_request() {
    stays_linear(2_000, &[], |size, lines| {
        for number in 0..size {
            let more = "\"message_type\":\"m\",\"request_id\":\"request-1\"";
            eliot(lines, &format!("t{number}"), &[1], more);
        }
        one(size + 1, 2)
    });
}

#[test]
fn many_tasks_that_are_joined_in_a_chain() {
    stays_linear(2_000, &[], |size, lines| {
        for number in 0..size {
            for place in [1, 2] {
                // The second request is the first of the next task.
                let request = number + place;
                let more = format!("\"message_type\":\"m\",\"request_id\":\"request-{request}\"");
                eliot(lines, &format!("t{number}"), &[place], &more);
            }
        }
        one(size, size)
    });
}
