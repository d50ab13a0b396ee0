//! Colours as the bytes that switch them on and off, because a line has a dozen of them.

use anstyle::Style as Paint;

use crate::{
    record::Level,
    render::{
        style::Style,
        text::{fold, write_clean},
        theme::Palette,
    },
};

/// What switches a colour on or off. Copying as many bytes as there are is a call; copying eight or
/// more of them, and forgetting those behind the end, is not.
#[derive(Clone, Debug, Default)]
struct Code {
    text: Vec<u8>,
    /// The same, filled up.
    padded: [u8; Code::SHORT],
}

impl Code {
    /// As long as `ESC[38;2;255;255;255m`, and some more.
    const SHORT: usize = 32;

    fn new(text: String) -> Self {
        let text = text.into_bytes();
        let mut padded = [0; Self::SHORT];
        if let Some(begin) = padded.get_mut(..text.len()) {
            begin.copy_from_slice(&text);
        }
        Self { text, padded }
    }

    #[inline]
    fn write(&self, out: &mut Vec<u8>) {
        let end = out.len() + self.text.len();
        if self.text.len() > Self::SHORT {
            out.extend_from_slice(&self.text);
        } else {
            out.extend_from_slice(&self.padded);
            out.truncate(end);
        }
    }
}

/// Text of a record.
#[derive(Clone, Copy)]
pub(super) struct Text<'t> {
    pub(super) bytes: &'t [u8],
    /// True if it is known to be printable throughout.
    pub(super) is_clean: bool,
}

impl<'t, T: AsRef<[u8]> + ?Sized> From<&'t T> for Text<'t> {
    fn from(text: &'t T) -> Self {
        Self {
            bytes: text.as_ref(),
            is_clean: false,
        }
    }
}

impl Text<'_> {
    /// Appends it, made harmless.
    #[inline]
    pub(super) fn write(self, out: &mut Vec<u8>) {
        if self.is_clean {
            out.extend_from_slice(self.bytes);
        } else {
            write_clean(self.bytes, out);
        }
    }
}

/// A colour.
#[derive(Clone, Debug, Default)]
pub(super) struct Ink {
    on: Code,
    off: Code,
}

impl Ink {
    pub(super) fn new(paint: Paint) -> Self {
        Self {
            on: Code::new(paint.render().to_string()),
            off: Code::new(paint.render_reset().to_string()),
        }
    }

    /// Appends what `write` appends, in this colour; nothing at all if that is nothing, or an
    /// empty line would look like one that is not.
    #[inline]
    pub(super) fn around(&self, out: &mut Vec<u8>, write: impl FnOnce(&mut Vec<u8>)) {
        let begin = out.len();
        self.on.write(out);
        let before = out.len();
        write(out);
        if out.len() == before {
            out.truncate(begin);
        } else {
            self.off.write(out);
        }
    }

    /// Appends text, made harmless.
    #[inline]
    pub(super) fn text<'t>(&self, out: &mut Vec<u8>, text: impl Into<Text<'t>>) {
        let text = text.into();
        self.around(out, |out| text.write(out));
    }
}

/// What lines are written with.
#[derive(Clone, Debug, Default)]
pub(super) struct Pen {
    pub(super) dim: Ink,
    pub(super) strong: Ink,
    pub(super) key: Ink,
    pub(super) name: Ink,
    pub(super) mark: Ink,
    /// Those of levels: bad, caution, good, dim.
    levels: [Ink; 4],
    ascii: bool,
    /// The longest value in characters.
    fold: Option<usize>,
}

impl Pen {
    pub(super) fn new(style: &Style, fold: Option<usize>) -> Self {
        let palette = &style.palette;
        let Palette {
            dim,
            strong,
            key,
            name,
            mark,
            ..
        } = palette;
        let level = |level| Ink::new(palette.level(level));
        Self {
            dim: Ink::new(*dim),
            strong: Ink::new(*strong),
            key: Ink::new(*key),
            name: Ink::new(*name),
            mark: Ink::new(*mark),
            levels: [
                level(Some(Level::ERROR)),
                level(Some(Level::WARNING)),
                level(Some(Level::INFO)),
                level(None),
            ],
            ascii: style.ascii,
            fold,
        }
    }

    pub(super) fn level(&self, level: Option<Level>) -> &Ink {
        &self.levels[match level {
            Some(level) if level >= Level::ERROR => 0,
            Some(level) if level >= Level::WARNING => 1,
            Some(level) if level >= Level::INFO => 2,
            _ => 3,
        }]
    }

    /// The sign in front of what is marked.
    pub(super) fn sign(&self) -> &'static str {
        if self.ascii { "> " } else { "» " }
    }

    /// Appends a text that may be too long, in a colour if it has one.
    #[inline]
    pub(super) fn folded<'t>(
        &self,
        out: &mut Vec<u8>,
        ink: Option<&Ink>,
        text: impl Into<Text<'t>>,
        escaped: bool,
    ) {
        let write = |out: &mut Vec<u8>, text: Text<'_>| match ink {
            Some(ink) => ink.text(out, text),
            None => text.write(out),
        };
        let text = text.into();
        let Some(limit) = self.fold.filter(|&limit| text.bytes.len() > limit) else {
            return write(out, text);
        };
        let text = String::from_utf8_lossy(text.bytes);
        let Some((end, left)) = fold(&text, limit, escaped) else {
            return write(out, (&*text).into());
        };
        write(out, text[..end].into());
        let ellipsis = if self.ascii { "..." } else { "…" };
        self.dim.text(out, &format!("{ellipsis}({left} more)"));
    }
}
