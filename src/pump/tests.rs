//! The loop under every program: order, how much is held, and who waits for whom.

use std::{
    sync::{atomic::AtomicUsize, mpsc},
    time::Duration,
};

use proptest::{prelude::*, sample::select};

use super::*;

type Turn<'a> = Event<'a, Range<usize>, usize>;

const DELIVERIES: [Delivery; 2] = [Delivery::ByWorkers, Delivery::Apart];

/// Once in some hundred thousand runs, on a busy machine, the end of a worker crashed the
/// program, as long as its handle was dropped (200,000 runs showed it).
#[test]
fn workers_that_end_at_once_do_no_harm() {
    for round in 0..3_000 {
        let mut delivered = 0;
        let worker = || |_: &mut Range<usize>, (): &mut ()| ();
        run(
            Ranges::new(3, 1),
            4,
            DELIVERIES[round % 2],
            worker,
            |_: Event<'_, _, ()>| {
                delivered += 1;
                Ok(Flow::Continue)
            },
        )
        .expect("nothing fails");
        assert_eq!(delivered, 3);
    }
}

#[test]
fn a_slow_item_keeps_nobody_from_those_behind_it() {
    for delivery in DELIVERIES {
        let (made, others) = mpsc::channel();
        let (seen, others) = (Mutex::new(Vec::new()), Mutex::new(others));
        let worker = || {
            let (made, others) = (made.clone(), &others);
            move |item: &mut Range<usize>, result: &mut usize| {
                *result = item.start;
                if item.start > 0 {
                    made.send(()).expect("who listens");
                    return;
                }
                // The first one is not done before the other worker has made three more.
                let others = lock(others);
                for _ in 0..3 {
                    let other = others.recv_timeout(Duration::from_secs(20));
                    other.expect("that one goes on");
                }
            }
        };
        run(Ranges::new(4, 1), 2, delivery, worker, |turn: Turn<'_>| {
            if let Event::Done(_, result) = turn {
                lock(&seen).push(*result);
            }
            Ok(Flow::Continue)
        })
        .expect("nothing fails");
        assert_eq!(*lock(&seen), [0, 1, 2, 3], "{delivery:?}");
    }
}

#[test]
fn a_slow_delivery_keeps_no_worker_from_what_there_is_room_for() {
    const JOBS: usize = 2;
    let (made, others) = mpsc::channel();
    let worker = || {
        let made = made.clone();
        move |_: &mut Range<usize>, (): &mut ()| made.send(()).expect("who listens")
    };
    let delivered = AtomicUsize::new(0);
    let count = &delivered;
    let deliver = move |_: Event<'_, _, ()>| {
        // The first one waits until all that may lie there has been made, and itself.
        if count.fetch_add(1, Ordering::Relaxed) == 0 {
            for _ in 0..=JOBS * EACH + AHEAD {
                let other = others.recv_timeout(Duration::from_secs(20));
                other.expect("both go on");
            }
        }
        Ok(Flow::Continue)
    };
    run(Ranges::new(50, 1), JOBS, Delivery::Apart, worker, deliver).expect("nothing fails");
    assert_eq!(delivered.into_inner(), 50);
}

#[test]
#[should_panic(expected = "a worker has died")]
fn a_worker_that_panics_leaves_nobody_waiting() {
    let worker = || {
        |item: &mut Range<usize>, (): &mut ()| {
            assert!(item.start != 3, "a worker has died");
        }
    };
    let deliver = |_: Event<'_, _, ()>| Ok(Flow::Continue);
    run(Ranges::new(5, 1), 2, Delivery::Apart, worker, deliver).expect("nothing fails");
}

proptest! {
    #[test]
    fn all_is_delivered_in_order_and_not_much_is_held(
        jobs in 1..6_usize,
        delivery in select(&DELIVERIES[..]),
        paces in proptest::collection::vec(0..3_u64, 0..60),
        end in 0..80_usize,
    ) {
        let taken = AtomicUsize::new(0);
        let pause = |at: usize| {
            let pace = paces.get(at).copied().unwrap_or_default();
            thread::sleep(Duration::from_micros(pace * 100));
        };
        let worker = || |item: &mut Range<usize>, result: &mut usize| {
            taken.fetch_add(1, Ordering::Relaxed);
            pause(item.start);
            *result = item.start;
        };
        let mut delivered = 0;
        run(Ranges::new(paces.len(), 1), jobs, delivery, worker, |turn: Turn<'_>| {
            let Event::Done(item, result) = turn else {
                return Ok(Flow::Stop);
            };
            assert_eq!((item.start, *result), (delivered, delivered));
            pause(paces.len() - 1 - delivered);
            delivered += 1;
            let held = taken.load(Ordering::Relaxed) - delivered;
            // Beside what lies there each worker may wait with one.
            let ahead = if delivery == Delivery::Apart && jobs > 1 { AHEAD } else { 0 };
            assert!(held <= jobs * (EACH + 1) + ahead, "{held} items of {jobs} workers");
            Ok(if delivered == end { Flow::Stop } else { Flow::Continue })
        })
        .expect("nothing fails");
        prop_assert_eq!(delivered, if end == 0 { paces.len() } else { end.min(paces.len()) });
    }
}
