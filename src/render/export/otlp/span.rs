//! A span as OTLP has it, whoever has written it; and what stands around spans and log records.

use std::borrow::Cow;

use super::{
    super::json::{self, Object, list},
    any::Attributes,
    members::Members,
};
use crate::record::Value;

/// A span.
#[derive(Debug, Default)]
pub(super) struct Span<'a> {
    /// The ids, as hexadecimal digits.
    pub(super) trace: String,
    pub(super) id: String,
    pub(super) parent: Option<String>,
    pub(super) state: Option<Cow<'a, str>>,
    pub(super) flags: u32,
    pub(super) name: Cow<'a, str>,
    pub(super) kind: u8,
    /// Nanoseconds since the epoch.
    pub(super) start: u64,
    pub(super) end: u64,
    pub(super) attributes: Attributes<'a>,
    pub(super) events: Vec<Event<'a>>,
    pub(super) links: Vec<Link<'a>>,
    pub(super) status: Option<Status<'a>>,
    /// How many attributes, events and links are not there.
    pub(super) dropped: [u32; 3],
    pub(super) around: Around<'a>,
}

/// Something that happened within a span.
#[derive(Debug, Default)]
pub(super) struct Event<'a> {
    pub(super) time: u64,
    pub(super) name: Cow<'a, str>,
    pub(super) attributes: Attributes<'a>,
    pub(super) dropped: u32,
}

/// Another span that one has to do with.
#[derive(Debug, Default)]
pub(super) struct Link<'a> {
    pub(super) trace: String,
    pub(super) id: String,
    pub(super) state: Option<Cow<'a, str>>,
    pub(super) attributes: Attributes<'a>,
    pub(super) dropped: u32,
    pub(super) flags: u32,
}

/// How it ended.
#[derive(Debug, Default)]
pub(super) struct Status<'a> {
    /// 0 is not set, 1 is good and 2 is bad.
    pub(super) code: u8,
    pub(super) message: Option<Cow<'a, str>>,
}

/// Who has made it: a process, and what has instrumented the program.
#[derive(Debug, Default)]
pub(super) struct Around<'a> {
    pub(super) resource: Option<Attributes<'a>>,
    /// What is known of the resource beside its attributes.
    pub(super) entities: Option<Value<'a>>,
    pub(super) scope: Option<Scope<'a>>,
    /// How many attributes of the resource are not there.
    pub(super) dropped: u32,
}

/// What has instrumented a program.
#[derive(Debug, Default)]
pub(super) struct Scope<'a> {
    pub(super) name: Option<Cow<'a, str>>,
    pub(super) version: Option<Cow<'a, str>>,
    pub(super) attributes: Attributes<'a>,
    pub(super) dropped: u32,
}

/// The kinds of spans.
pub(super) const KINDS: [&str; 6] = [
    "unspecified",
    "internal",
    "server",
    "client",
    "producer",
    "consumer",
];

/// The codes of a status.
pub(super) const CODES: [&str; 3] = ["unset", "ok", "error"];

impl Span<'_> {
    /// Appends it.
    pub(super) fn write(&self, out: &mut Vec<u8>) {
        let mut span = Object::begin(out);
        span.text("traceId", &self.trace);
        span.text("spanId", &self.id);
        span.some("traceState", self.state.as_deref());
        span.some("parentSpanId", self.parent.as_deref());
        some(&mut span, "flags", self.flags);
        span.text("name", &self.name);
        some(&mut span, "kind", self.kind.into());
        span.quoted("startTimeUnixNano", self.start);
        span.quoted("endTimeUnixNano", self.end);
        self.attributes.member(&mut span);
        let [attributes, events, links] = self.dropped;
        some(&mut span, "droppedAttributesCount", attributes);
        if !self.events.is_empty() {
            list(span.key("events"), &self.events, |out, event| {
                event.write(out);
            });
        }
        some(&mut span, "droppedEventsCount", events);
        if !self.links.is_empty() {
            list(span.key("links"), &self.links, |out, link| link.write(out));
        }
        some(&mut span, "droppedLinksCount", links);
        if let Some(of) = &self.status {
            let mut status = Object::begin(span.key("status"));
            status.some("message", of.message.as_deref());
            some(&mut status, "code", of.code.into());
            status.end();
        }
        span.end();
    }
}

impl Event<'_> {
    fn write(&self, out: &mut Vec<u8>) {
        let mut event = Object::begin(out);
        event.quoted("timeUnixNano", self.time);
        event.text("name", &self.name);
        self.attributes.member(&mut event);
        some(&mut event, "droppedAttributesCount", self.dropped);
        event.end();
    }
}

impl Link<'_> {
    fn write(&self, out: &mut Vec<u8>) {
        let mut link = Object::begin(out);
        link.text("traceId", &self.trace);
        link.text("spanId", &self.id);
        link.some("traceState", self.state.as_deref());
        self.attributes.member(&mut link);
        some(&mut link, "droppedAttributesCount", self.dropped);
        some(&mut link, "flags", self.flags);
        link.end();
    }
}

impl<'a> Around<'a> {
    /// That of a record that has a `resource` and perhaps a `scope`.
    pub(super) fn read(members: &Members<'a>) -> Self {
        let resource = members.object("resource");
        let scope = members.object("scope").map(|scope| Scope {
            name: scope.text("name"),
            version: scope.text("version"),
            attributes: Attributes::of(&scope, "attributes"),
            dropped: dropped(&scope),
        });
        Self {
            dropped: resource.as_ref().map_or(0, dropped),
            entities: resource.as_ref().and_then(|of| of.get("entityRefs")),
            resource: resource.map(|of| Attributes::of(&of, "attributes")),
            scope,
        }
    }

    /// What stands before the scopes of the resource, whose list has this name.
    pub(super) fn head(&self, scopes: &str) -> Vec<u8> {
        let mut out = Vec::new();
        let mut head = Object::begin(&mut out);
        if let Some(attributes) = &self.resource {
            let mut resource = Object::begin(head.key("resource"));
            attributes.member(&mut resource);
            some(&mut resource, "droppedAttributesCount", self.dropped);
            self.entities(&mut resource);
            resource.end();
        }
        head.key(scopes).push(b'[');
        out
    }

    /// What stands before the records of the scope, whose list has this name.
    pub(super) fn scope_head(&self, records: &str) -> Vec<u8> {
        let mut out = Vec::new();
        let mut head = Object::begin(&mut out);
        if let Some(of) = &self.scope {
            let mut scope = Object::begin(head.key("scope"));
            scope.some("name", of.name.as_deref());
            scope.some("version", of.version.as_deref());
            of.attributes.member(&mut scope);
            some(&mut scope, "droppedAttributesCount", of.dropped);
            scope.end();
        }
        head.key(records).push(b'[');
        out
    }

    /// What the resource consists of.
    fn entities(&self, resource: &mut Object<'_>) {
        let Some(value) = self.entities else { return };
        let texts = |object: &mut Object<'_>, of: &Members<'_>, name: &str| {
            list(object.key(name), of.texts(name), |out, text| {
                json::text(out, &text);
            });
        };
        list(
            resource.key("entityRefs"),
            Members::objects(value),
            |out, of| {
                let mut entity = Object::begin(out);
                entity.some("schemaUrl", of.text("schemaUrl").as_deref());
                entity.some("type", of.text("type").as_deref());
                texts(&mut entity, &of, "idKeys");
                texts(&mut entity, &of, "descriptionKeys");
                entity.end();
            },
        );
    }
}

/// How many attributes of an object are not there.
pub(super) fn dropped(of: &Members<'_>) -> u32 {
    of.number("droppedAttributesCount").unwrap_or_default()
}

/// A number that is left out where it is 0.
pub(super) fn some(object: &mut Object<'_>, name: &str, number: u32) {
    if number != 0 {
        object.plain(name, number);
    }
}
