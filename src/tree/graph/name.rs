//! What scopes are called where trees have become one: by their places alone two of them would have
//! one name, because each tree counts from a root of its own.

use std::{borrow::Cow, collections::HashMap};

use foldhash::fast::RandomState;

use super::Graph;

impl Graph<'_, '_> {
    /// Gives each scope a name that no scope of another tree has: in front of places that are not
    /// counted from the root stands the id of their own tree, and where that is not enough the
    /// scheme of that id too.
    pub(super) fn tell_apart(&mut self, order: &[usize]) {
        let root = &self.drafts[self.root];
        // A root that was made to hold all together is of no tree.
        let is_made = self.roots[root.key as usize].is_some_and(|own| own != self.root);
        let own = (root.id.is_some() || !is_made).then_some(root.key);
        for (number, draft) in self.drafts.iter_mut().enumerate() {
            let id = &mut draft.goal.node.id;
            let is_place = draft.id.is_none() && id.starts_with('/');
            if is_place && number != self.root && own != Some(draft.key) {
                let tree = self.keys[draft.key as usize].name();
                *id = [&tree, id.trim_end_matches('/')].concat().into();
            }
        }
        let mut taken: HashMap<Cow<'_, str>, u32, RandomState> = HashMap::default();
        for &number in order {
            let draft = &mut self.drafts[number];
            let id = &mut draft.goal.node.id;
            if *taken.entry(id.clone()).or_insert(draft.key) == draft.key {
                continue;
            }
            let key = draft.key as usize;
            let scheme = self.names[key];
            let tree = self.keys[key].name();
            *id = match &draft.id {
                Some(scope) => format!("{scheme}:{tree}/{scope}"),
                None => format!("{scheme}:{id}"),
            }
            .into();
        }
    }
}
