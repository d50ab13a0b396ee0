//! The flags that say how trees are written.

use clap::Args;

/// How trees are written.
#[derive(Args, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag")]
pub(super) struct WriteArgs {
    /// Write the records, in the order of their trees; takes trees apart
    ///
    /// Within a scope records and sub-scopes come in the order of their positions. Each record
    /// gets a member dl.tree, which says where it stands; all else stays byte for byte.
    #[arg(long, conflicts_with_all = ["summary", "explain"])]
    pub(super) flatten: bool,

    /// With --flatten, write the records as they came, without dl.tree
    #[arg(long, requires = "flatten", hide_short_help = true)]
    pub(super) no_stamp: bool,

    /// Write what is known of each tree as a whole, without its scopes
    #[arg(long, conflicts_with = "explain")]
    pub(super) summary: bool,

    /// Only the scopes that match EXPR, with those above them
    ///
    /// EXPR is an expression of dl-expr(7). It is asked of each scope itself, whose message is
    /// its name, and of each of its records; one of them has to match all of it. Trees in which
    /// no scope matches are left out.
    #[arg(long, value_name = "EXPR", conflicts_with = "explain")]
    pub(super) select: Option<String>,

    /// With --select, also all scopes below those that match
    #[arg(long, requires = "select", hide_short_help = true)]
    pub(super) descendants: bool,

    /// Mark what each request was waiting for: the member critical of scopes
    #[arg(long)]
    pub(super) critical_path: bool,

    /// Move the times of scopes where clocks contradict the order of things
    ///
    /// Only as far as needed, and only the times of scopes: records stay as they are.
    #[arg(long, hide_short_help = true)]
    pub(super) adjust_clocks: bool,

    /// Tell why the records of the tree stand where they stand
    ///
    /// It may be given several times.
    /// TREE_ID may be the beginning of an id, and any of the ids that became one tree.
    #[arg(
        long,
        value_name = "TREE_ID",
        conflicts_with = "live_window",
        hide_short_help = true
    )]
    pub(super) explain: Vec<String>,
}
