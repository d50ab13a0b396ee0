//! What comes out of reading files, on its way to who writes it.

use crate::{
    error::Result,
    pump::{Event, Flow},
    source::Chunk,
};

/// What a worker makes of a chunk: lines, and perhaps more about them.
pub(crate) trait Made: Default + Send {
    /// The lines.
    fn text(&mut self) -> &mut Vec<u8>;

    /// Begins a chunk.
    fn begin(&mut self);

    /// Says that all lines so far belong to an input that ended before the chunk.
    fn end_input(&mut self) {}
}

impl Made for Vec<u8> {
    fn text(&mut self) -> &mut Vec<u8> {
        self
    }

    fn begin(&mut self) {
        self.clear();
    }
}

/// What is handed out, in the order of the input.
pub(super) enum Out<'a, T> {
    /// What was made of a chunk; what a decoder held at the end of all input has none.
    Made(Option<&'a Chunk>, &'a mut T),
    /// There has been no input for a while.
    Idle,
}

/// Hands out what workers have made.
pub(super) fn hand_out<T>(
    event: Event<'_, Chunk, T>,
    take: &mut impl FnMut(Out<'_, T>) -> Result<()>,
) -> Result<Flow> {
    match event {
        Event::Done(chunk, made) => take(Out::Made(Some(chunk), made))?,
        Event::Idle => take(Out::Idle)?,
    }
    Ok(Flow::Continue)
}
