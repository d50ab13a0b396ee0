//! Ground truth: requests of which everything is known are written down by every scheme, some
//! records are lost and some come twice, in any order and any files, and what dl-tree makes
//! of them is compared with what happened.
//!
//! `DISTLOG_TRUTH_REQUESTS` is the number of requests of each scheme and loss, `DISTLOG_SEED`
//! where chance begins, `DISTLOG_TRUTH_ONLY` a part of a scheme's name. With
//! `UPDATE_DOCS=1` the table in docs/truth.md is written anew.

mod chance;
mod doubt;
mod expect;
mod fault;
mod filter;
mod known;
mod model;
mod node;
mod record;
mod score;
mod table;
mod told;
mod write;

use std::{
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

use crate::{
    rng::Rng,
    support::{Dir, Ran, program},
};
use fault::Arrival;
use record::Pen;
use score::Score;
use table::Row;
use write::Scheme;

/// Requests of a scheme and a loss.
const REQUESTS: usize = 60;
/// Requests that come to one run of dl-tree together, each time in another order.
const TOGETHER: usize = 30;
/// Percent of the records that are lost, and of those left that come twice.
const FAULTS: [(usize, usize); 3] = [(0, 0), (5, 3), (20, 3)];

/// One scheme with one loss.
struct Job {
    number: usize,
    scheme: &'static Scheme,
    loss: usize,
    doubles: usize,
}

impl Job {
    /// How dl-tree is run: how many work at it, and whether records are spilled, must make no
    /// difference. Spilling costs a debug build a second, so it is seldom done.
    fn run(&self, batch: usize) -> &'static [&'static str] {
        let spills = self.number % 20 == 11 && batch.is_multiple_of(10);
        match (spills, self.number % 2) {
            (true, _) => &["-j", "2", "--memory", "0"],
            (false, 0) => &["-j", "1"],
            _ => &["-j", "3"],
        }
    }
}

#[test]
fn every_tree_is_what_the_records_tell() {
    let count =
        usize::try_from(number("DISTLOG_TRUTH_REQUESTS", REQUESTS as u64)).expect("it fits");
    let seed = number("DISTLOG_SEED", 1);
    let only = std::env::var("DISTLOG_TRUTH_ONLY").unwrap_or_default();
    let jobs: Vec<_> = write::all()
        .filter(|scheme| scheme.name.contains(&only))
        .flat_map(|scheme| FAULTS.map(|faults| (scheme, faults)))
        .enumerate()
        .map(|(number, (scheme, (loss, doubles)))| Job {
            number,
            scheme,
            loss,
            doubles,
        })
        .collect();
    let next = AtomicUsize::new(0);
    let (rows, wrong) = (Mutex::new(Vec::new()), Mutex::new(Vec::new()));
    let workers = thread::available_parallelism().map_or(1, usize::from);
    thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| {
                loop {
                    let at = next.fetch_add(1, Ordering::Relaxed);
                    let Some(job) = jobs.get(at) else {
                        return;
                    };
                    let (score, words) = run(job, seed, count);
                    rows.lock()
                        .expect("no panic")
                        .push((at, Row::new(job.scheme, job.loss, score)));
                    wrong.lock().expect("no panic").extend(words);
                }
            });
        }
    });
    let mut rows = rows.into_inner().expect("no panic");
    rows.sort_by_key(|(at, _)| *at);
    let rows: Vec<_> = rows.into_iter().map(|(_, row)| row).collect();
    let wrong = wrong.into_inner().expect("no panic");
    assert!(
        wrong.is_empty(),
        "{}\n{}",
        table::rows(&rows),
        wrong.join("\n")
    );
    if only.is_empty() && (count, seed) == (REQUESTS, 1) {
        table::check(&rows);
    }
}

fn number(name: &str, default: u64) -> u64 {
    let given = std::env::var(name).ok();
    given.map_or(default, |text| text.parse().expect("a number"))
}

/// Runs a job; what is wrong is told for its first case only.
fn run(job: &Job, seed: u64, count: usize) -> (Score, Option<String>) {
    let mut sum = Score::default();
    let mut wrong = None;
    for batch in 0..count.div_ceil(TOGETHER) {
        let seed = seed.wrapping_mul(1_000_003).wrapping_add(batch as u64);
        let requests = chance::requests(seed, TOGETHER.min(count - batch * TOGETHER));
        let mut rng = Rng::new(!seed);
        let mut pen = Pen::new();
        for request in &requests {
            (job.scheme.write)(request, &mut pen);
        }
        pen.lines.sort_by_key(|line| line.at);
        let lines = fault::survivors(&pen.lines, job.loss, job.doubles, &mut rng);
        let expected = expect::trees(&lines);
        let arrival = Arrival::ALL[(job.number + batch) % Arrival::ALL.len()];
        let run = job.run(batch);
        let ran = dl_tree(
            &[job.scheme.args, run].concat(),
            arrival.files(&lines, &mut rng),
        );
        let (score, words) = score::score(&requests, &lines, &expected, &told::trees(&ran.stdout));
        let blind = job.scheme.sees_all && job.loss == 0 && score.under.unknowable > 0;
        assert!(!blind, "{} does not tell what it should", job.scheme.name);
        if !score.is_perfect() && wrong.is_none() {
            let Job { scheme, loss, .. } = job;
            let words = words.unwrap_or_default();
            wrong = Some(format!(
                "{}, {loss} % lost, {arrival:?}, {run:?}: {}\n{words}",
                scheme.name, ran.stderr
            ));
        }
        sum.add(&score);
    }
    (sum, wrong)
}

fn dl_tree(args: &[&str], files: Vec<String>) -> Ran {
    let dir = Dir::new();
    let files: Vec<_> = (0..)
        .zip(files)
        .map(|(number, text): (usize, String)| dir.file(&number.to_string(), text))
        .collect();
    program("dl-tree").args(args).files(&files).run()
}
