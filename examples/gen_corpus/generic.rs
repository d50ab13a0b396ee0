//! Service logs as zap, pino and structlog write them: each process in its own style.
//!
//! The styles agree on names (`time`, `level`, `msg` …) and differ in the order of keys, in
//! spaces and in the words for levels, as the logs of a real system do.

use crate::catalogue::{Failure, SERVICES, Style};
use crate::clock::{self, Calendar, Reading};
use crate::json::{Line, Text};
use crate::plan::{Event, Level, Request, Scope, Step};
use crate::producer::{Producer, text_of};
use crate::random::Random;
use crate::trace;
use crate::values::{Value, write_fields};

pub(crate) struct Generic {
    calendar: Calendar,
}

impl Generic {
    pub(crate) fn new() -> Self {
        Self {
            calendar: Calendar::new("%Y-%m-%dT%H:%M:%S"),
        }
    }

    fn time(&mut self, line: &mut Line, time: Reading) {
        line.key("time");
        line.raw("\"");
        self.calendar.write(line, time);
        line.raw(".");
        line.digits(u64::from(time.microseconds()), 6);
        line.raw("Z\"");
    }
}

impl Producer for Generic {
    fn write(&mut self, line: &mut Line, request: &Request, event: &Event) {
        let scope = &request.scopes[event.scope];
        let service = &SERVICES[scope.service];
        let time = clock::read(service, event.at);
        let level = level(event.step, service.style);
        line.text = if service.style == Style::Structlog {
            Text::Python
        } else {
            Text::Compact
        };
        line.open();
        match service.style {
            Style::Zap => {
                line.string("level", level);
                self.time(line, time);
                names(line, event, scope);
                text(line, event, scope);
                ids(line, request, scope);
                process(line, scope);
                details(line, event, scope);
            }
            Style::Pino => {
                line.string("level", level);
                self.time(line, time);
                process(line, scope);
                names(line, event, scope);
                ids(line, request, scope);
                details(line, event, scope);
                text(line, event, scope);
            }
            Style::Structlog => {
                ids(line, request, scope);
                details(line, event, scope);
                text(line, event, scope);
                line.string("level", level);
                names(line, event, scope);
                process(line, scope);
                self.time(line, time);
            }
        }
        line.close();
    }
}

fn level(step: Step, style: Style) -> &'static str {
    let level = match step {
        Step::Message(_, level) => level,
        Step::Caught(_) => Level::Warning,
        Step::Fail(_) => Level::Error,
        Step::Start => Level::Debug,
        Step::End => Level::Info,
    };
    match (level, style) {
        (Level::Debug, _) => "debug",
        (Level::Info, _) => "info",
        (Level::Warning, Style::Structlog) => "warning",
        (Level::Warning, _) => "warn",
        (Level::Error, _) => "error",
        (Level::Critical, Style::Structlog) => "critical",
        (Level::Critical, _) => "fatal",
    }
}

fn names(line: &mut Line, event: &Event, scope: &Scope) {
    let service = &SERVICES[scope.service];
    let area = match event.step {
        Step::Message(message, _) => message.kind,
        _ => scope.action.name,
    };
    line.key("logger");
    line.raw("\"");
    line.raw(service.name);
    line.raw(".");
    line.raw(area.split(':').next().unwrap_or(area));
    line.raw("\"");
}

fn process(line: &mut Line, scope: &Scope) {
    let service = &SERVICES[scope.service];
    line.string("host", service.host);
    line.integer("pid", u64::from(service.pid));
}

fn ids(line: &mut Line, request: &Request, scope: &Scope) {
    line.key("trace_id");
    line.raw("\"");
    line.hex(request.id.0, 16);
    line.hex(request.id.1, 16);
    line.raw("\"");
    line.key("span_id");
    line.raw("\"");
    line.hex(scope.seed, 16);
    line.raw("\"");
    line.key("request_id");
    line.raw("\"");
    line.hex(request.id.1, 8);
    line.raw("\"");
    // Half of the requests come from people who are logged in.
    if request.id.0.is_multiple_of(2) {
        line.key("user");
        Value::User.write(line, &mut Random::new(request.id.0));
    }
}

fn text(line: &mut Line, event: &Event, scope: &Scope) {
    let after = match event.step {
        Step::Message(message, _) => {
            line.key("msg");
            return text_of(line, message, &mut Random::new(event.seed));
        }
        Step::Start => " started",
        Step::End => " finished",
        Step::Fail(_) => " failed",
        Step::Caught(_) => " goes on after an error",
    };
    line.key("msg");
    line.raw("\"");
    line.raw(scope.action.name);
    line.raw(after);
    line.raw("\"");
}

fn details(line: &mut Line, event: &Event, scope: &Scope) {
    let mut random = Random::new(event.seed);
    match event.step {
        Step::Message(message, level) => {
            write_fields(line, message.fields, &mut random.clone());
            if matches!(level, Level::Error | Level::Critical) {
                let failure = random.pick(&crate::catalogue::FAILURES);
                line.string("error", failure.reason);
            }
        }
        Step::Start => write_fields(line, scope.action.start, &mut Random::new(scope.seed)),
        Step::End => took(line, event, scope),
        Step::Fail(failure) | Step::Caught(failure) => {
            took(line, event, scope);
            error(line, event, scope, failure);
        }
    }
    if random.per_mille(220) {
        http(line, event, &mut random);
    }
}

fn took(line: &mut Line, event: &Event, scope: &Scope) {
    let microseconds = (event.at - scope.started) / 1000;
    line.key("duration_ms");
    line.decimal(u32::try_from(microseconds).unwrap_or(u32::MAX), 3);
}

fn error(line: &mut Line, event: &Event, scope: &Scope, failure: &Failure) {
    let service = &SERVICES[scope.service];
    line.string("error", failure.reason);
    line.key("stack");
    line.raw("\"");
    match service.style {
        Style::Zap => trace::go(line, service, event.seed),
        Style::Pino => trace::node(line, service, failure, event.seed),
        Style::Structlog => trace::python(line, service, failure, event.seed),
    }
    line.raw("\"");
}

fn http(line: &mut Line, event: &Event, random: &mut Random) {
    const METHOD: Value = Value::OneOf(&["GET", "GET", "POST", "PUT", "DELETE"]);
    line.key("http");
    line.open();
    write_fields(line, &[("method", METHOD), ("path", Value::Url)], random);
    if matches!(event.step, Step::Fail(_)) {
        line.integer("status", 500 + u64::from(random.below(4)));
    } else {
        write_fields(line, &[("status", Value::Status)], random);
    }
    write_fields(line, &[("bytes", Value::Below(90_000))], random);
    line.close();
}
