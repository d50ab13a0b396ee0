//! The page around the data: its own parts put together, the policy that lets nothing else
//! run, and the blocks that data comes in.

use base64::{Engine, engine::general_purpose::STANDARD};
use sha2::{Digest, Sha256};

use super::HtmlPieces;

/// What a browser shows before any script has run, with places for the other parts.
const PAGE: &str = include_str!("page.html");

const STYLE: &str = concat!(
    include_str!("theme.css"),
    include_str!("layout.css"),
    include_str!("list.css"),
    include_str!("trace.css"),
);

/// One function around all, so that nothing of it is in the page's own scope. Each file uses
/// what those before it define; `main.js` starts.
const SCRIPT: &str = concat!(
    "(() => {\n\"use strict\";\n",
    include_str!("text.js"),
    include_str!("json.js"),
    include_str!("dom.js"),
    include_str!("data.js"),
    include_str!("tree.js"),
    include_str!("runs.js"),
    include_str!("search.js"),
    include_str!("rows.js"),
    include_str!("scatter.js"),
    include_str!("list.js"),
    include_str!("fields.js"),
    include_str!("detail.js"),
    include_str!("scale.js"),
    include_str!("waterfall.js"),
    include_str!("flame.js"),
    include_str!("records.js"),
    include_str!("trace.js"),
    include_str!("keys.js"),
    include_str!("main.js"),
    "})();\n",
);

/// A block of data is not much larger than this. A browser keeps the text of a block with a
/// byte for each character if all are of Latin-1, and with two if not: in small blocks a rare
/// character costs little. And it can show the first block before the second has come.
const BLOCK: usize = 256 * 1024;

/// A page that is being written.
#[derive(Debug, Default)]
pub struct HtmlPage {
    /// Bytes in the block that is open; 0 if none is.
    open: usize,
    trees: u64,
    records: u64,
}

impl HtmlPage {
    /// Appends all that comes before the data. `shown` says which records the page shows
    /// inside of trees at first: `none`, `errors` or `all`.
    pub fn begin(&self, shown: &str, out: &mut Vec<u8>) {
        let policy = format!(
            "default-src 'none'; script-src 'sha256-{}'; style-src 'sha256-{}'; \
             base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'; trusted-types 'none'",
            hash(SCRIPT),
            hash(STYLE)
        );
        let mut rest = PAGE;
        for (place, part) in [
            ("{{policy}}", policy.as_str()),
            ("{{style}}", STYLE),
            ("{{shown}}", shown),
            ("{{script}}", SCRIPT),
        ] {
            let (before, after) = rest.split_once(place).unwrap_or((rest, ""));
            out.extend_from_slice(before.as_bytes());
            out.extend_from_slice(part.as_bytes());
            rest = after;
        }
        out.extend_from_slice(rest.as_bytes());
    }

    /// Appends pieces of data.
    pub fn add(&mut self, pieces: &HtmlPieces, out: &mut Vec<u8>) {
        for (piece, is_tree) in pieces.iter() {
            if self.open == 0 {
                out.extend_from_slice(b"<script type=\"application/json\" class=\"data\">\n");
            }
            out.extend_from_slice(piece);
            self.open += piece.len();
            if self.open >= BLOCK {
                self.close(out);
            }
            *(if is_tree {
                &mut self.trees
            } else {
                &mut self.records
            }) += 1;
        }
    }

    /// Appends the end, which tells the page that it is whole.
    pub fn finish(mut self, out: &mut Vec<u8>) {
        self.close(out);
        let Self { trees, records, .. } = self;
        let totals = format!(
            "<script type=\"application/json\" id=\"totals\">[{trees},{records}]</script>\n</body>\n</html>\n"
        );
        out.extend_from_slice(totals.as_bytes());
    }

    fn close(&mut self, out: &mut Vec<u8>) {
        if self.open > 0 {
            out.extend_from_slice(b"</script>\n");
            self.open = 0;
        }
    }
}

/// The hash by which the policy knows a script or a style.
fn hash(text: &str) -> String {
    STANDARD.encode(Sha256::digest(text.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parts_do_not_end_where_they_stand() {
        assert!(!SCRIPT.contains("</script"), "the script would end itself");
        assert!(!SCRIPT.contains("<!--"), "the script would hide its end");
        assert!(!STYLE.contains("</style"), "the style would end itself");
        for place in ["{{policy}}", "{{style}}", "{{shown}}", "{{script}}"] {
            assert_eq!(PAGE.matches(place).count(), 1, "{place}");
            assert!(!SCRIPT.contains(place) && !STYLE.contains(place), "{place}");
        }
    }

    #[test]
    fn no_part_of_the_page_takes_text_for_markup() {
        for word in [
            "innerHTML",
            "outerHTML",
            "insertAdjacentHTML",
            "document.write",
            "DOMParser",
            "createContextualFragment",
            "srcdoc",
            "eval(",
            "new Function",
            "fetch(",
            "XMLHttpRequest",
            "import(",
        ] {
            assert!(!SCRIPT.contains(word), "{word}");
        }
        for word in ["http:", "https:", "url(", "@import", "src="] {
            assert!(!STYLE.contains(word) && !PAGE.contains(word), "{word}");
        }
    }
}
