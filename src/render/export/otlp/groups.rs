//! Elements of a request by who has made them: those of one process and one scope stand together,
//! in the order in which they came.

use std::collections::HashMap;

/// Behind the records of a scope, and behind the scopes of a resource.
const END: &[u8] = b"]}";

/// Elements of `resourceSpans` or `resourceLogs`.
#[derive(Debug, Default)]
pub(super) struct Groups {
    resources: Named<Named<Vec<u8>>>,
    size: usize,
}

/// Things by what stands in front of them, in order.
#[derive(Debug)]
struct Named<T> {
    all: Vec<(Vec<u8>, T)>,
    at: HashMap<Vec<u8>, usize>,
}

impl<T> Default for Named<T> {
    fn default() -> Self {
        Self {
            all: Vec::new(),
            at: HashMap::new(),
        }
    }
}

impl<T: Default> Named<T> {
    fn of(&mut self, head: Vec<u8>) -> &mut T {
        let known = self.at.get(&head).copied();
        let at = known.unwrap_or_else(|| {
            self.at.insert(head.clone(), self.all.len());
            self.all.push((head, T::default()));
            self.all.len() - 1
        });
        &mut self.all[at].1
    }
}

impl Groups {
    /// Adds what `write` appends, one element, to those that have this in front.
    pub(super) fn add(
        &mut self,
        resource: Vec<u8>,
        scope: Vec<u8>,
        write: impl FnOnce(&mut Vec<u8>),
    ) {
        let heads = resource.len() + scope.len();
        let elements = self.resources.of(resource).of(scope);
        let had = elements.len();
        if had == 0 {
            self.size += heads;
        } else {
            elements.push(b',');
        }
        write(elements);
        self.size += elements.len() - had;
    }

    /// How long they are, in bytes; a few more if scopes are of one resource.
    pub(super) fn size(&self) -> usize {
        self.size
    }

    /// Appends them.
    pub(super) fn write(&self, out: &mut Vec<u8>) {
        for (at, (resource, scopes)) in self.resources.all.iter().enumerate() {
            if at > 0 {
                out.push(b',');
            }
            out.extend_from_slice(resource);
            for (at, (scope, elements)) in scopes.all.iter().enumerate() {
                if at > 0 {
                    out.push(b',');
                }
                out.extend_from_slice(scope);
                out.extend_from_slice(elements);
                out.extend_from_slice(END);
            }
            out.extend_from_slice(END);
        }
    }
}
