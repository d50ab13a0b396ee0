//! Paths to raw fields: `.http.status`, `.context.key`, `."odd key"[0]`.

use std::fmt;

/// One step of a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// A member of an object.
    Key(String),
    /// An element of an array, from 0.
    Index(usize),
}

/// A path from the top of a record to one value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Path {
    /// The steps, outermost first; never empty.
    pub steps: Vec<Step>,
}

impl Path {
    /// The path that a dotted name means, such as `log.level` or `data[0]`; its keys hold no
    /// quotes, dots or brackets.
    pub fn dotted(name: &str) -> Self {
        let steps = name.split('.').flat_map(|part| {
            let (key, indices) = part.split_once('[').unwrap_or((part, ""));
            let indices = indices
                .split('[')
                .filter_map(|index| index.trim_end_matches(']').parse().ok());
            std::iter::once(Step::Key(key.to_owned())).chain(indices.map(Step::Index))
        });
        Self {
            steps: steps.collect(),
        }
    }

    /// All readings of the path, the most nested first: `a.b` may stand as `{"a":{"b":…}}`
    /// or under the literal key `"a.b"`, and producers do both (REFERENCE.md §14.2, 4).
    pub fn readings(&self) -> Vec<Path> {
        let joints = self.joints();
        // A longer path than this is never written flat; the nested reading is enough.
        if joints.len() > 4 {
            return vec![self.clone()];
        }
        (0..1_usize << joints.len())
            .map(|mask| {
                let glued = |at| {
                    joints
                        .iter()
                        .position(|&j| j == at)
                        .is_some_and(|i| mask >> i & 1 == 1)
                };
                self.with_joints_glued(glued)
            })
            .collect()
    }

    /// The places between two keys where a dot could belong to the key.
    fn joints(&self) -> Vec<usize> {
        (1..self.steps.len())
            .filter(|&i| matches!(self.steps[i - 1..=i], [Step::Key(_), Step::Key(_)]))
            .collect()
    }

    fn with_joints_glued(&self, glued: impl Fn(usize) -> bool) -> Path {
        let mut steps: Vec<Step> = Vec::with_capacity(self.steps.len());
        for (at, step) in self.steps.iter().enumerate() {
            match (steps.last_mut(), step) {
                (Some(Step::Key(last)), Step::Key(key)) if glued(at) => {
                    last.push('.');
                    last.push_str(key);
                }
                _ => steps.push(step.clone()),
            }
        }
        Path { steps }
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for step in &self.steps {
            match step {
                Step::Index(index) => write!(f, "[{index}]")?,
                Step::Key(key) if is_plain(key) => write!(f, ".{key}")?,
                Step::Key(key) => write!(f, ".{}", serde_json::Value::from(key.as_str()))?,
            }
        }
        Ok(())
    }
}

/// True for a key that needs no quotes in a path.
fn is_plain(key: &str) -> bool {
    !key.is_empty()
        && key
            .chars()
            .all(|c| c.is_alphanumeric() || matches!(c, '_' | '@' | '$'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dotted_path_is_read_nested_first_and_flat_last() {
        let check = |name: &str, expect: &str| {
            let readings: Vec<_> = Path::dotted(name)
                .readings()
                .iter()
                .map(ToString::to_string)
                .collect();
            assert_eq!(readings.join(" "), expect);
        };
        check("a", ".a");
        check("a.b", r#".a.b ."a.b""#);
        check("a[0].b", ".a[0].b");
        check("a.b.c", r#".a.b.c ."a.b".c .a."b.c" ."a.b.c""#);
    }
}
