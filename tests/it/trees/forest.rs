//! Random requests: what was done, the records that tell it, and what can go wrong with them.

use proptest::{collection::vec, prelude::*};
use serde_json::{Value, json};

/// Which client writes the records.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Kind {
    /// Eliot since 0.6.
    Eliot,
    /// This project's own client, with `dl.event`.
    Distlog,
}

/// A goal as it was pursued.
#[derive(Clone, Debug)]
struct Goal {
    end: End,
    steps: Vec<Step>,
    /// The process that pursues it, unless it is that of the goal above.
    process: Option<u8>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum End {
    Succeeded,
    Failed,
    Never,
}

#[derive(Clone, Debug)]
enum Step {
    Message(u16),
    Goal(u16, Goal),
    Pause(u16),
}

fn goal() -> impl Strategy<Value = Goal> {
    let leaf = (end(), vec(message(), 0..3), process()).prop_map(|(end, steps, process)| Goal {
        end,
        steps,
        process,
    });
    leaf.prop_recursive(4, 24, 4, |inner| {
        let step = prop_oneof![
            message(),
            (any::<u16>(), inner).prop_map(|(name, goal)| Step::Goal(name, goal))
        ];
        (end(), vec(step, 0..5), process()).prop_map(|(end, steps, process)| Goal {
            end,
            steps,
            process,
        })
    })
}

fn message() -> impl Strategy<Value = Step> {
    prop_oneof![
        any::<u16>().prop_map(Step::Message),
        (0..2_000_u16).prop_map(Step::Pause)
    ]
}

fn end() -> impl Strategy<Value = End> {
    prop_oneof![6 => Just(End::Succeeded), 3 => Just(End::Failed), 1 => Just(End::Never)]
}

fn process() -> impl Strategy<Value = Option<u8>> {
    prop_oneof![3 => Just(None), 1 => (0..3_u8).prop_map(Some)]
}

/// A request and the records that tell of it.
#[derive(Clone, Debug)]
pub(super) struct Request {
    pub(super) id: String,
    pub(super) kind: Kind,
    pub(super) lines: Vec<String>,
    expected: Value,
    failed: usize,
    unended: usize,
}

impl Request {
    /// `[name, status, duration in µs, messages, [children]]`.
    pub(super) fn expected(&self) -> Value {
        self.expected.clone()
    }

    /// True if every goal has an end.
    pub(super) fn ended(&self) -> bool {
        self.unended == 0
    }

    /// How many goals failed.
    pub(super) fn failed(&self) -> usize {
        self.failed
    }
}

/// The same of a node that dl-tree has written.
pub(super) fn told(node: &Value, kind: Kind) -> Value {
    let number = |value: &Value| value.as_f64().map(|seconds| (seconds * 1e6).round());
    let message = |record: &&Value| match kind {
        Kind::Eliot => record["action_status"].is_null(),
        Kind::Distlog => record["dl"].is_null(),
    };
    let text = |record: &Value| match kind {
        Kind::Eliot => record["message_type"].clone(),
        Kind::Distlog => record["message"].clone(),
    };
    let list = |key: &str| node[key].as_array().cloned().unwrap_or_default();
    let messages: Vec<_> = list("records").iter().filter(message).map(text).collect();
    let children: Vec<_> = list("children")
        .iter()
        .map(|child| told(child, kind))
        .collect();
    let duration = (node["status"] != "running")
        .then(|| number(&node["duration"]))
        .flatten();
    json!([node["name"], node["status"], duration, messages, children])
}

/// Several requests, and the faults of their records.
#[derive(Clone, Debug)]
pub(super) struct Forest {
    pub(super) requests: Vec<Request>,
    faults: Vec<(prop::sample::Index, bool)>,
}

impl Forest {
    /// All records, in the order of a log that several requests write at once.
    pub(super) fn lines(&self) -> Vec<String> {
        let longest = self
            .requests
            .iter()
            .map(|request| request.lines.len())
            .max()
            .unwrap_or(0);
        let turn = |at: usize| {
            self.requests
                .iter()
                .filter_map(move |request| request.lines.get(at).cloned())
        };
        (0..longest).flat_map(turn).collect()
    }

    /// The same, some of them missing.
    pub(super) fn missing_lines(&self) -> Vec<String> {
        let faults = self.faults.iter().map(|&(at, _)| (at, false)).collect();
        Self {
            faults,
            ..self.clone()
        }
        .faulty_lines()
    }

    /// The same, some of them missing, some of them twice, and some of them numbered.
    pub(super) fn faulty_lines(&self) -> Vec<String> {
        let mut lines = self.lines();
        for (at, twice) in &self.faults {
            if lines.is_empty() {
                break;
            }
            let at = at.index(lines.len());
            if *twice {
                lines.push(lines[at].clone());
            } else {
                lines.remove(at);
            }
        }
        // Some have a number, which their order does not show.
        for (at, line) in lines.iter_mut().enumerate().step_by(3) {
            if !line.contains("\"dl\"") {
                let number = format!(",\"dl\":{{\"recv\":{{\"seq\":{}}}}}}}\n", at * 7 % 11);
                line.replace_range(line.len() - 2.., &number);
            }
        }
        lines
    }
}

pub(super) fn forest() -> impl Strategy<Value = Forest> {
    forest_of(prop_oneof![Just(Kind::Eliot), Just(Kind::Distlog)])
}

pub(super) fn forest_of(kind: impl Strategy<Value = Kind>) -> impl Strategy<Value = Forest> {
    (
        vec((kind, goal(), any::<u32>()), 1..6),
        vec((any::<prop::sample::Index>(), any::<bool>()), 0..6),
    )
        .prop_map(|(goals, faults)| Forest {
            requests: (0..)
                .zip(goals)
                .map(|(number, (kind, goal, salt))| request(number, kind, &goal, salt))
                .collect(),
            faults,
        })
}

/// The lines in another order.
pub(super) fn shuffled(lines: &[String], seed: u64) -> Vec<String> {
    let mut mixed: Vec<_> = lines.to_vec();
    let mut state = seed | 1;
    for at in (1..mixed.len()).rev() {
        // Knuth's generator is random enough to mix a few lines.
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        mixed.swap(at, (state >> 33) as usize % (at + 1));
    }
    mixed
}

fn request(number: usize, kind: Kind, goal: &Goal, salt: u32) -> Request {
    let mut teller = Teller {
        request: Request {
            id: format!("{salt:08x}-{number}"),
            kind,
            lines: Vec::new(),
            expected: Value::Null,
            failed: 0,
            unended: 0,
        },
        micros: 1_795_177_294_000_000 + u64::from(salt % 1_000) * 1_000,
    };
    teller.request.expected = teller.tell("root", goal, &[], 0);
    teller.request
}

/// Pursues goals and writes down what the clients would.
struct Teller {
    request: Request,
    micros: u64,
}

impl Teller {
    fn tell(&mut self, name: &str, goal: &Goal, path: &[usize], process: u8) -> Value {
        let process = goal.process.unwrap_or(process);
        let (mut position, mut child_number) = (0, 0);
        let (mut messages, mut children) = (Vec::new(), Vec::new());
        let began = self.write(
            path,
            &mut position,
            process,
            name,
            &json!({"event": "start", "status": "started"}),
        );
        for step in &goal.steps {
            match step {
                Step::Pause(millis) => self.micros += u64::from(*millis) * 1_000,
                Step::Message(text) => {
                    let text = format!("m{text}");
                    self.write(path, &mut position, process, &text, &Value::Null);
                    messages.push(text);
                }
                Step::Goal(name, goal) => {
                    let part = match self.request.kind {
                        Kind::Eliot => {
                            position += 1;
                            position
                        }
                        Kind::Distlog => {
                            child_number += 1;
                            child_number
                        }
                    };
                    children.push(self.tell(
                        &format!("g{name}"),
                        goal,
                        &[path, &[part]].concat(),
                        process,
                    ));
                }
            }
        }
        let status = match goal.end {
            End::Succeeded => "succeeded",
            End::Failed => "failed",
            End::Never => "running",
        };
        self.request.failed += usize::from(goal.end == End::Failed);
        self.request.unended += usize::from(goal.end == End::Never);
        let took = (goal.end != End::Never).then(|| {
            // Microseconds of minutes are exact.
            #[expect(clippy::cast_precision_loss)]
            let took = (self.micros + TICK - began) as f64;
            self.write(
                path,
                &mut position,
                process,
                name,
                &json!({"event": "end", "status": status, "duration": took / 1e6}),
            );
            took
        });
        json!([name, status, took, messages, children])
    }

    /// Writes a record and returns its time.
    fn write(
        &mut self,
        path: &[usize],
        position: &mut usize,
        process: u8,
        text: &str,
        boundary: &Value,
    ) -> u64 {
        self.micros += TICK;
        let seconds = format!("{}.{:06}", self.micros / 1_000_000, self.micros % 1_000_000);
        let id = &self.request.id;
        let line = match self.request.kind {
            Kind::Eliot => {
                *position += 1;
                let level = json!([path, &[*position]].concat());
                if boundary.is_null() {
                    format!(
                        r#"{{"timestamp":{seconds},"task_uuid":"{id}","task_level":{level},"message_type":"{text}"}}"#
                    )
                } else {
                    let status = &boundary["status"];
                    format!(
                        r#"{{"timestamp":{seconds},"task_uuid":"{id}","task_level":{level},"action_type":"{text}","action_status":{status},"pid":{process}}}"#
                    )
                }
            }
            Kind::Distlog => {
                let below = path
                    .iter()
                    .fold(String::new(), |below, part| below + "/" + &part.to_string());
                let key = format!("{position}@{id}{below}");
                *position += 1;
                let dl = if boundary.is_null() {
                    String::new()
                } else {
                    format!(r#","dl":{boundary}"#)
                };
                format!(
                    r#"{{"name":"x","levelno":20,"message":"{text}","created":{seconds},"process":{process},"context":{{"key":"{key}"}}{dl}}}"#
                )
            }
        };
        self.request.lines.push(line + "\n");
        self.micros
    }
}

/// Microseconds between one record and the next.
const TICK: u64 = 250;
