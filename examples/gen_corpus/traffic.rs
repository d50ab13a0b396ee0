//! The requests under way at one time, and whose record comes next.

use std::cmp::Reverse;
use std::collections::binary_heap::{BinaryHeap, PeekMut};

use crate::clock::FIRST_SECOND;
use crate::plan::{Event, Request};
use crate::random::Random;

/// Requests that overlap: when one ends, another begins.
pub(crate) struct Traffic {
    random: Random,
    /// The open requests, and how many records of each were given out.
    open: Vec<(Request, usize)>,
    /// The time of each open request's next record, and its place in `open`.
    next: BinaryHeap<Reverse<(u64, usize)>>,
    /// How many records are still to be planned.
    unplanned: u64,
}

impl Traffic {
    /// About `records` records, of which `open` requests are under way at any time.
    pub(crate) fn new(seed: u64, open: u32, records: u64) -> Self {
        let mut traffic = Self {
            random: Random::new(seed),
            open: vec![],
            next: BinaryHeap::new(),
            unplanned: records,
        };
        while traffic.open.len() < open as usize && traffic.unplanned > 0 {
            // As if the requests had begun one by one over the time that one takes, about 2.5 s.
            let start =
                FIRST_SECOND * 1_000_000_000 + u64::from(traffic.random.below(2_500_000_000));
            let request = Request::new(&mut traffic.random, start);
            let planned = request.events.len() as u64;
            traffic.unplanned = traffic.unplanned.saturating_sub(planned);
            traffic
                .next
                .push(Reverse((request.events[0].at, traffic.open.len())));
            traffic.open.push((request, 0));
        }
        traffic
    }

    /// The next record and its request, or nothing after the last one.
    pub(crate) fn next(&mut self) -> Option<(&Request, &Event)> {
        let place = loop {
            let mut soonest = self.next.peek_mut()?;
            let Reverse((now, place)) = *soonest;
            let (request, given) = &mut self.open[place];
            if let Some(event) = request.events.get(*given) {
                debug_assert_eq!(event.at, now);
                *given += 1;
                let end = || now + u64::from(self.random.delay());
                let after = request
                    .events
                    .get(*given)
                    .map_or_else(end, |event| event.at);
                *soonest = Reverse((after, place));
                break place;
            } else if self.unplanned == 0 {
                PeekMut::pop(soonest);
            } else {
                *request = Request::new(&mut self.random, now);
                *given = 0;
                self.unplanned = self.unplanned.saturating_sub(request.events.len() as u64);
            }
        };
        let (request, given) = &self.open[place];
        Some((request, &request.events[given - 1]))
    }
}
