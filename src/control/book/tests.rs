//! What the book does, by the clock of the test.

use super::*;

const SECOND: Duration = Duration::from_secs(1);

fn wish(loggers: &str, host: Option<&str>) -> Wish {
    Wish {
        loggers: loggers.into(),
        level: "DEBUG".into(),
        ttl: 10.0,
        host: host.map(str::to_owned),
        process: None,
        task: None,
        why: None,
        by: None,
        dry_run: false,
    }
}

fn hello(id: &str, host: &str) -> Hello {
    Hello {
        id: id.into(),
        host: host.into(),
        process: "app".into(),
        pid: 7,
    }
}

fn answer(event: Event, rule: &str, process: &str) -> Answer {
    Answer {
        event,
        rule: rule.into(),
        process_id: process.into(),
        loggers: 1,
        matched: Vec::new(),
        unheard: 0,
        expires: None,
        reason: None,
    }
}

fn book() -> (Book, Instant) {
    (Book::new("ab".into(), Bounds::default()), Instant::now())
}

fn ids(state: &State) -> Vec<&str> {
    state.rules.iter().map(|rule| rule.id.as_str()).collect()
}

#[test]
fn rules_are_told_to_those_that_they_are_for() {
    let (mut book, now) = book();
    let api = book.connect(hello("1", "api-1"));
    let db = book.connect(hello("2", "db-1"));
    book.set(wish("a", None), now).expect("a rule");
    book.set(wish("b", Some("api-*")), now).expect("a rule");
    assert_eq!(ids(&book.state(api, now)), ["ab-1", "ab-2"]);
    assert_eq!(ids(&book.state(db, now)), ["ab-1"]);
    // One that comes later gets what is in force, with the time that is left.
    let late = book.connect(hello("3", "api-2"));
    let state = book.state(late, now + 4 * SECOND);
    assert_eq!(ids(&state), ["ab-1", "ab-2"]);
    assert!((state.rules[0].ttl - 6.0).abs() < 1e-6);
    assert_eq!(ids(&book.state(99, now)), [""; 0]);
}

#[test]
fn rules_end_by_themselves_and_by_hand() {
    let (mut book, now) = book();
    let api = book.connect(hello("1", "api-1"));
    for loggers in ["a", "b", "c"] {
        book.set(wish(loggers, None), now).expect("a rule");
    }
    let cleared = book.clear(&["2".into()], true, now).expect("known");
    assert_eq!(cleared.len(), 1);
    assert_eq!(ids(&book.state(api, now)), ["ab-1", "ab-2", "ab-3"]);
    book.clear(&["2".into()], false, now).expect("known");
    assert_eq!(ids(&book.state(api, now)), ["ab-1", "ab-3"]);
    assert_eq!(
        book.clear(&["1".into(), "ab-2".into()], false, now),
        Err("no rule ab-2 is in force: dl-ctl list tells the ids of those that are".into())
    );
    assert_eq!(book.list(now).len(), 2);
    assert!(!book.expire(now + 9 * SECOND));
    assert!(book.expire(now + 10 * SECOND));
    assert_eq!(ids(&book.state(api, now)), [""; 0]);
    let shown = book.show(&["ab-2".into(), "ab-3".into()], now);
    let how: Vec<_> = shown.iter().map(|rule| rule.ended.as_deref()).collect();
    assert_eq!(how, [Some("cleared"), Some("expired")]);
}

/// At the end of a rule, a process would take it for over.
#[test]
fn a_process_is_told_which_rules_were_cleared() {
    let (mut book, now) = book();
    let api = book.connect(hello("1", "api-1"));
    let db = book.connect(hello("2", "db-1"));
    book.set(wish("a", Some("api-*")), now).expect("a rule");
    book.set(wish("b", None), now).expect("a rule");
    assert_eq!(book.state(api, now).cleared, [""; 0]);
    book.clear(&["1".into()], false, now + 9 * SECOND)
        .expect("known");
    assert_eq!(book.state(api, now + 9 * SECOND).cleared, ["ab-1"]);
    assert_eq!(book.state(db, now + 9 * SECOND).cleared, [""; 0]);
    // Then it has ended there in any case.
    assert_eq!(book.state(api, now + 10 * SECOND).cleared, [""; 0]);
}

#[test]
fn answers_stand_beside_their_process() {
    let (mut book, now) = book();
    let first = book.connect(hello("1", "api-1"));
    book.connect(hello("2", "api-2"));
    let id = book.set(wish("a", None), now).expect("a rule").id;
    book.note(answer(Event::Applied, &id, "1"));
    // Neither a stranger nor an unknown rule.
    book.note(answer(Event::Applied, &id, "3"));
    book.note(answer(Event::Applied, "zz-1", "2"));
    let events = |standing: &Standing| -> Vec<_> {
        let parties = standing.processes.iter();
        let event = |party: &Party| party.answer.as_ref().map(|answer| answer.event);
        parties
            .map(|party| (party.connected, event(party)))
            .collect()
    };
    let applied = Some(Event::Applied);
    assert_eq!(events(&book.list(now)[0]), [(true, applied), (true, None)]);
    book.disconnect(first);
    assert_eq!(events(&book.list(now)[0]), [(false, applied), (true, None)]);
    book.connect(hello("1", "api-1"));
    assert_eq!(events(&book.list(now)[0]), [(true, applied), (true, None)]);
    book.clear(&[], false, now).expect("all");
    book.note(answer(Event::Ended, &id, "1"));
    // A record that comes twice changes nothing.
    book.note(answer(Event::Applied, &id, "1"));
    let shown = book.show(std::slice::from_ref(&id), now);
    assert_eq!(
        events(&shown[0]),
        [(true, Some(Event::Ended)), (true, None)]
    );
}

#[test]
fn a_dry_run_is_in_no_list() {
    let (mut book, now) = book();
    let api = book.connect(hello("1", "api-1"));
    let dry = Wish {
        dry_run: true,
        ..wish("a", None)
    };
    let id = book.set(dry, now).expect("a rule").id;
    assert!(book.state(api, now).rules[0].dry_run);
    assert_eq!(book.list(now), []);
    assert_eq!(book.clear(&[], false, now), Ok(vec![]));
    assert_eq!(book.show(&[id], now).len(), 1);
}

#[test]
fn everything_is_bounded() {
    let bounds = Bounds {
        rules: 3,
        ended: 2,
        parties: 2,
        ttl: 10 * SECOND,
    };
    let now = Instant::now();
    let mut book = Book::new("ab".into(), bounds);
    for process in ["1", "2", "3"] {
        book.connect(hello(process, &"h".repeat(5000)));
    }
    let standing = book.set(wish("a", None), now).expect("a rule");
    assert_eq!((standing.processes.len(), standing.untold), (2, 1));
    assert!(standing.processes[0].process.host.chars().count() < 300);
    book.set(wish("b", None), now).expect("a rule");
    book.set(wish("c", None), now).expect("a rule");
    let full = "3 rules are in force, and that is the most: dl-ctl clear ends some";
    assert_eq!(book.set(wish("d", None), now), Err(full.into()));
    book.clear(&[], false, now).expect("all");
    let all = ["1", "2", "3"].map(str::to_owned);
    assert_eq!(book.show(&all, now).len(), 2);
    let long = Wish {
        ttl: 11.0,
        ..wish("a", None)
    };
    assert_eq!(
        book.set(long, now),
        Err("--ttl: a rule lasts 10 s at most".into())
    );
}
