//! The bodies that distlog 0.1.dev0 sends: every attribute of Python's `LogRecord`.

use crate::catalogue::{SERVICES, Service};
use crate::clock::{self, Calendar, FIRST_SECOND, Reading};
use crate::json::Line;
use crate::plan::{Event, Level, Request, Step};
use crate::producer::{Producer, text_of};
use crate::random::Random;
use crate::trace;
use crate::values::write_fields;

pub(crate) struct Distlog {
    calendar: Calendar,
}

/// Where in the source a record is made.
struct Place {
    module: &'static str,
    line: u64,
    function: &'static str,
}

impl Distlog {
    pub(crate) fn new() -> Self {
        Self {
            calendar: Calendar::new("%Y-%m-%d %H:%M:%S"),
        }
    }
}

impl Producer for Distlog {
    fn write(&mut self, line: &mut Line, request: &Request, event: &Event) {
        let scope = &request.scopes[event.scope];
        // The end of a scope is written only where the application calls success().
        if matches!(event.step, Step::End) && scope.seed.is_multiple_of(4) {
            return;
        }
        let service = &SERVICES[scope.service];
        let time = clock::read(service, event.at);
        line.open();
        head(line, request, event);
        source(line, service, event);
        times(line, time);
        line.integer("thread", service.thread);
        line.string("threadName", "MainThread");
        line.string("processName", "MainProcess");
        line.integer("process", u64::from(service.pid));
        context(line, request, event);
        tail(line, request, event);
        line.key("asctime");
        line.raw("\"");
        self.calendar.write(line, time);
        line.raw(",");
        line.digits(u64::from(time.milliseconds()), 3);
        line.raw("\"");
        line.string("hostname", service.host);
        line.close();
    }
}

fn head(line: &mut Line, request: &Request, event: &Event) {
    let action = request.scopes[event.scope].action.name;
    line.string("name", logger(event));
    line.key("msg");
    match event.step {
        Step::Message(message, _) => quoted(line, &["", message.text]),
        Step::Caught(failure) => quoted(line, &["caught: ", failure.reason]),
        step => quoted(line, &[prefix(step), action]),
    }
    line.literal("args", "null");
    let (name, number) = match event.step {
        Step::Message(_, level) => level_of(level),
        Step::Caught(_) | Step::Fail(_) => level_of(Level::Error),
        Step::Start | Step::End => level_of(Level::Info),
    };
    line.string("levelname", name);
    line.integer("levelno", number);
}

fn source(line: &mut Line, service: &Service, event: &Event) {
    let place = place(event);
    line.key("pathname");
    if place.module == "context" {
        quoted(
            line,
            &[
                "/usr/lib/python3/dist-packages/distlog/logger/",
                "context.py",
            ],
        );
    } else {
        quoted(
            line,
            &["/srv/shop/", service.name, "/src/", place.module, ".py"],
        );
    }
    line.key("filename");
    quoted(line, &[place.module, ".py"]);
    line.string("module", place.module);
    line.literal("exc_info", "null");
    line.key("exc_text");
    match event.step {
        Step::Fail(failure) | Step::Caught(failure) => {
            line.flat = true;
            line.raw("\"");
            trace::python(line, service, failure, event.seed);
            line.raw("\"");
            line.flat = false;
        }
        _ => line.raw("null"),
    }
    line.literal("stack_info", "null");
    line.integer("lineno", place.line);
    line.string("funcName", place.function);
}

fn times(line: &mut Line, time: Reading) {
    // Each process was started an hour before the corpus begins.
    let started = f64::from(u32::try_from(FIRST_SECOND - 3600).unwrap_or_default());
    line.float("created", time.seconds());
    line.float("msecs", f64::from(time.milliseconds()));
    line.float("relativeCreated", (time.seconds() - started) * 1000.0);
}

fn context(line: &mut Line, request: &Request, event: &Event) {
    let scope = &request.scopes[event.scope];
    line.key("context");
    line.open();
    line.key("key");
    line.raw("\"");
    line.number(u64::from(event.sequence));
    line.raw("@");
    line.uuid(request.id);
    path(line, request, event.scope);
    line.raw("\"");
    // A scope's own fields are on each of its records.
    write_fields(line, scope.action.start, &mut Random::new(scope.seed));
    line.close();
}

/// Appends `/n` for each scope on the way down from the root.
fn path(line: &mut Line, request: &Request, scope: usize) {
    let scope = &request.scopes[scope];
    if let Some(parent) = scope.parent {
        path(line, request, parent);
        line.raw("/");
        line.number(u64::from(scope.ordinal));
    }
}

/// Appends the extra keys and the message.
fn tail(line: &mut Line, request: &Request, event: &Event) {
    let mut random = Random::new(event.seed);
    if let Step::Message(message, _) = event.step {
        let mut extra = random.clone();
        write_fields(line, message.fields, &mut extra);
    }
    let action = request.scopes[event.scope].action.name;
    line.key("message");
    line.flat = true;
    match event.step {
        Step::Message(message, _) => text_of(line, message, &mut random),
        Step::Caught(failure) => quoted(line, &["caught: ", failure.reason]),
        step => quoted(line, &[prefix(step), action]),
    }
    line.flat = false;
}

fn prefix(step: Step) -> &'static str {
    match step {
        Step::End => "done: ",
        Step::Fail(_) => "FAILED ",
        _ => "",
    }
}

/// distlog's own records come from the root logger.
fn logger(event: &Event) -> &'static str {
    match event.step {
        Step::Message(message, _) => message.kind.split(':').next().unwrap_or("root"),
        _ => "root",
    }
}

fn place(event: &Event) -> Place {
    match event.step {
        Step::Start => Place {
            module: "context",
            line: 207,
            function: "__enter__",
        },
        Step::End => Place {
            module: "context",
            line: 226,
            function: "__exit__",
        },
        Step::Fail(_) => Place {
            module: "context",
            line: 224,
            function: "__exit__",
        },
        Step::Caught(_) => Place {
            module: "service",
            line: 88,
            function: "handle",
        },
        Step::Message(message, _) => {
            let line = 20 + u64::from(message.text.as_bytes()[0]);
            Place {
                module: "operations",
                line,
                function: "perform",
            }
        }
    }
}

fn level_of(level: Level) -> (&'static str, u64) {
    match level {
        Level::Debug => ("DEBUG", 10),
        Level::Info => ("INFO", 20),
        Level::Warning => ("WARNING", 30),
        Level::Error => ("ERROR", 40),
        Level::Critical => ("CRITICAL", 50),
    }
}

fn quoted(line: &mut Line, parts: &[&str]) {
    line.raw("\"");
    for part in parts {
        line.escape(part);
    }
    line.raw("\"");
}
