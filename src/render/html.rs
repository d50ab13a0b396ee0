//! Records and trees as one page of HTML that needs nothing but itself.
//!
//! The page comes first and shows itself at once; behind it follow blocks of data, which its
//! script picks up as they come. A tree is three lines in such a block: what a list shows of
//! it, what can be said of its records and of what it waited for, and the tree as `dl-tree`
//! has written it. A record is two: what a list shows, and the record. So nothing is read
//! anew but what somebody looks at, and a report grows by what is in it, not by how it is
//! shown.
//!
//! The page's own parts are in `html/`: `page.html`, `*.css` and `*.js`, all written by hand.

mod escape;
mod head;
mod page;

use std::mem;

pub use head::HtmlHeads;
pub use page::HtmlPage;

/// Pieces of data for a page: what [`HtmlHeads`] has made of some lines, each piece for itself.
#[derive(Debug, Default)]
pub struct HtmlPieces {
    text: Vec<u8>,
    /// Where each piece ends, and whether it is a tree.
    ends: Vec<(usize, bool)>,
}

impl HtmlPieces {
    /// Takes all of them away.
    pub fn clear(&mut self) {
        self.text.clear();
        self.ends.clear();
    }

    /// What was written behind the last piece is one, too.
    fn end(&mut self, is_tree: bool) {
        self.ends.push((self.text.len(), is_tree));
    }

    /// What was written behind the last piece is none.
    fn take_back(&mut self) {
        self.text
            .truncate(self.ends.last().map_or(0, |&(end, _)| end));
    }

    /// The pieces in order, each with whether it is a tree.
    fn iter(&self) -> impl Iterator<Item = (&[u8], bool)> {
        let mut start = 0;
        self.ends.iter().map(move |&(end, is_tree)| {
            let piece = &self.text[mem::replace(&mut start, end)..end];
            (piece, is_tree)
        })
    }
}
