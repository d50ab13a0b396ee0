//! Several nodes of one id: which of them a child belongs to. There are two where caller and
//! callee share a span, and many where an id was used again and again.

use std::{borrow::Cow, collections::HashMap};

use foldhash::fast::RandomState;

use super::{Graph, Id};

/// Up to so many nodes are gone through one by one.
const FEW: usize = 8;

/// The first two nodes of a kind: one of them is another than any given node.
#[derive(Default)]
struct Two([Option<usize>; 2]);

impl Two {
    fn add(&mut self, node: usize) {
        if let Some(free) = self.0.iter_mut().find(|known| known.is_none()) {
            *free = Some(node);
        }
    }

    fn other_than(&self, node: usize) -> Option<usize> {
        self.0
            .iter()
            .flatten()
            .copied()
            .find(|&known| known != node)
    }
}

/// What many nodes of one id are.
#[derive(Default)]
pub(super) struct Several<'a> {
    instances: HashMap<Option<Cow<'a, str>>, Two, RandomState>,
    callees: Two,
    callers: Two,
}

impl<'a> Graph<'_, 'a> {
    /// The first node of that id, other than `child`, that is of the same instance.
    pub(super) fn of_instance(&mut self, child: usize, id: &Id<'a>) -> Option<usize> {
        let instance = self.drafts[child].instance.clone();
        self.first(
            child,
            id,
            |graph, node| graph.drafts[node].instance == instance,
            |several| several.instances.get(&instance),
        )
    }

    /// The first node of that id, other than `child`, that is a callee's half.
    pub(super) fn callee(&mut self, child: usize, id: &Id<'a>) -> Option<usize> {
        self.first(child, id, Self::is_half, |several| Some(&several.callees))
    }

    /// The first node of that id, other than `child`, that is no callee's half.
    pub(super) fn caller(&mut self, child: usize, id: &Id<'a>) -> Option<usize> {
        self.first(
            child,
            id,
            |graph, node| !graph.is_half(node),
            |several| Some(&several.callers),
        )
    }

    fn first(
        &mut self,
        child: usize,
        id: &Id<'a>,
        is: impl Fn(&Self, usize) -> bool,
        known: impl for<'s> Fn(&'s Several<'a>) -> Option<&'s Two>,
    ) -> Option<usize> {
        let nodes = self.ids.get(id)?;
        if nodes.len() <= FEW {
            let mut others = nodes.iter().copied().filter(|&node| node != child);
            return others.find(|&node| is(self, node));
        }
        if !self.several.contains_key(id) {
            let mut several = Several::default();
            for &node in nodes {
                let instance = self.drafts[node].instance.clone();
                several.instances.entry(instance).or_default().add(node);
                let half = if self.is_half(node) {
                    &mut several.callees
                } else {
                    &mut several.callers
                };
                half.add(node);
            }
            self.several.insert(id.clone(), several);
        }
        known(self.several.get(id)?)?.other_than(child)
    }
}
