//! Eliot 1.18 records, in the order of keys that its orjson destination writes.

use crate::catalogue::{Failure, REMOTE, SERVICES};
use crate::clock;
use crate::json::Line;
use crate::plan::{Event, Level, Request, Step};
use crate::producer::{Producer, text_of};
use crate::random::Random;
use crate::trace;
use crate::values::write_fields;

pub(crate) struct Eliot;

impl Producer for Eliot {
    fn write(&mut self, line: &mut Line, request: &Request, event: &Event) {
        let scope = &request.scopes[event.scope];
        let mut random = Random::new(event.seed);
        line.open();
        match event.step {
            Step::Start => {
                write_fields(line, scope.action.start, &mut Random::new(scope.seed));
                action(line, request, event, "started");
            }
            Step::End => {
                write_fields(line, scope.action.end, &mut random);
                action(line, request, event, "succeeded");
            }
            Step::Fail(failure) => {
                line.string("exception", failure.class);
                line.string("reason", failure.reason);
                action(line, request, event, "failed");
            }
            Step::Caught(failure) => {
                traceback(line, event, scope.service, failure);
                message(line, request, event, "eliot:traceback");
            }
            Step::Message(said, level) if bridged(level) => {
                line.string("log_level", level_name(level));
                line.string("logger", SERVICES[scope.service].name);
                line.key("message");
                text_of(line, said, &mut random);
                message(line, request, event, "eliot:stdlib");
            }
            Step::Message(said, _) => {
                write_fields(line, said.fields, &mut random);
                message(line, request, event, said.kind);
            }
        }
        // Global fields, which Eliot appends; nothing else tells which process wrote a record.
        let service = &SERVICES[scope.service];
        line.string("service", service.name);
        line.string("host", service.host);
        line.integer("pid", u64::from(service.pid));
        line.close();
    }
}

/// Warnings and worse come from the standard library's `logging`, through Eliot's bridge.
fn bridged(level: Level) -> bool {
    matches!(level, Level::Warning | Level::Error | Level::Critical)
}

fn level_name(level: Level) -> &'static str {
    match level {
        Level::Warning => "WARNING",
        Level::Critical => "CRITICAL",
        _ => "ERROR",
    }
}

fn action(line: &mut Line, request: &Request, event: &Event, status: &str) {
    line.string("action_status", status);
    task(line, request, event);
    let action = request.scopes[event.scope].action;
    let remote = std::ptr::eq(action, &raw const REMOTE);
    line.string(
        "action_type",
        if remote {
            "eliot:remote_task"
        } else {
            action.name
        },
    );
    level(line, request, event);
}

fn message(line: &mut Line, request: &Request, event: &Event, kind: &str) {
    task(line, request, event);
    level(line, request, event);
    line.string("message_type", kind);
}

fn traceback(line: &mut Line, event: &Event, service: usize, failure: &Failure) {
    line.string("reason", failure.reason);
    line.key("traceback");
    line.raw("\"");
    trace::python(line, &SERVICES[service], failure, event.seed);
    line.raw("\\n\"");
    line.string("exception", failure.class);
}

fn task(line: &mut Line, request: &Request, event: &Event) {
    let service = &SERVICES[request.scopes[event.scope].service];
    line.float("timestamp", clock::read(service, event.at).seconds());
    line.key("task_uuid");
    line.raw("\"");
    line.uuid(request.id);
    line.raw("\"");
}

fn level(line: &mut Line, request: &Request, event: &Event) {
    line.key("task_level");
    line.raw("[");
    path(line, request, event.scope);
    line.number(u64::from(event.position));
    line.raw("]");
}

/// Appends where a scope is, with a comma after each number; the root is nowhere.
fn path(line: &mut Line, request: &Request, scope: usize) {
    let scope = &request.scopes[scope];
    if let Some(parent) = scope.parent {
        path(line, request, parent);
        line.number(u64::from(scope.position));
        line.raw(",");
    }
}
