//! The make-believe shop whose six processes write the corpus: names, texts and fields only.

use crate::values::Value;

/// A field's name and the kind of value it gets.
pub(crate) type Field = (&'static str, Value);

/// A record inside a scope.
pub(crate) struct Message {
    /// Eliot's `message_type`.
    pub(crate) kind: &'static str,
    /// The text; a `%s` or `%d` in it stands for `argument`.
    pub(crate) text: &'static str,
    pub(crate) argument: Value,
    pub(crate) fields: &'static [Field],
}

/// What a service can do: each run of it is one scope.
pub(crate) struct Action {
    pub(crate) name: &'static str,
    /// The scope's fields: on the start record in Eliot, on every record in distlog.
    pub(crate) start: &'static [Field],
    /// The result's fields.
    pub(crate) end: &'static [Field],
}

/// A way to fail.
pub(crate) struct Failure {
    pub(crate) class: &'static str,
    pub(crate) reason: &'static str,
}

/// How a process writes its generic service log.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Style {
    Zap,
    Pino,
    Structlog,
}

/// One process.
pub(crate) struct Service {
    pub(crate) name: &'static str,
    pub(crate) host: &'static str,
    pub(crate) pid: u32,
    pub(crate) thread: u64,
    pub(crate) style: Style,
    /// How far its clock is ahead of true time at the start, and by how much it gains on it.
    pub(crate) ahead_ns: u64,
    pub(crate) gain_ppm: u64,
    pub(crate) actions: &'static [Action],
    pub(crate) messages: &'static [Message],
}

/// An action without fields of its own that continues a task of another process.
pub(crate) static REMOTE: Action = Action {
    name: "rpc:serve",
    start: &[],
    end: &[],
};

/// The action around a remote task, in the process that asks for it.
pub(crate) static CALL: Action = Action {
    name: "rpc:call",
    start: &[
        ("url", Value::Url),
        ("attempt", Value::Below(3)),
        ("timeout_ms", Value::Millis),
    ],
    end: &[("status_code", Value::Status)],
};

pub(crate) static FAILURES: [Failure; 6] = [
    Failure {
        class: "builtins.ValueError",
        reason: "bad quantity: 'zwölf'",
    },
    Failure {
        class: "builtins.ConnectionError",
        reason: "connection reset by 10.0.3.7:5432",
    },
    Failure {
        class: "builtins.TimeoutError",
        reason: "no answer within 2.0 s",
    },
    Failure {
        class: "builtins.KeyError",
        reason: "'customer_id'",
    },
    Failure {
        class: "shop.errors.OutOfStock",
        reason: "SKU-00417: 0 left\nreorder on Monday",
    },
    Failure {
        class: "shop.errors.CardDeclined",
        reason: "issuer said \"insufficient funds\"",
    },
];

/// The failure of a caller whose remote task failed.
pub(crate) static REMOTE_FAILURE: Failure = Failure {
    class: "shop.rpc.RemoteError",
    reason: "500 Internal Server Error",
};

const fn action(name: &'static str, start: &'static [Field], end: &'static [Field]) -> Action {
    Action { name, start, end }
}

const fn message(
    kind: &'static str,
    text: &'static str,
    argument: Value,
    fields: &'static [Field],
) -> Message {
    Message {
        kind,
        text,
        argument,
        fields,
    }
}

const ROWS: Value = Value::Below(500);

/// What every process has to say.
const QUERY: Message = message(
    "sql:query",
    "query returned %d rows",
    ROWS,
    &[("sql", Value::Sql), ("rows", ROWS)],
);
const CACHE: Message = message(
    "cache:lookup",
    "cache lookup for %s",
    Value::Sku,
    &[("key", Value::Sku), ("hit", Value::Flag)],
);
const RETRY: Message = message(
    "rpc:retry",
    "attempt failed, retrying %s",
    Value::Url,
    &[("attempt", Value::Below(4)), ("wait_ms", Value::Millis)],
);

pub(crate) static SERVICES: [Service; 6] = [
    Service {
        name: "gateway",
        host: "web-1",
        pid: 812,
        thread: 139_669_370_817_408,
        style: Style::Zap,
        ahead_ns: 5_000_000,
        gain_ppm: 0,
        actions: &[
            action(
                "http:request",
                &[
                    ("method", Value::OneOf(&["GET", "POST", "PUT"])),
                    ("path", Value::Url),
                ],
                &[("status", Value::Status), ("bytes", Value::Below(90_000))],
            ),
            action(
                "auth:session",
                &[("login", Value::User)],
                &[("ttl", Value::Below(3600))],
            ),
            action(
                "http:render",
                &[("template", Value::OneOf(&["cart.html", "order.html"]))],
                &[],
            ),
        ],
        messages: &[
            message(
                "auth:user",
                "session of %s found",
                Value::User,
                &[("login", Value::User), ("ip", Value::Ip)],
            ),
            message(
                "http:headers",
                "accepted %s",
                Value::Url,
                &[("agent", Value::OneOf(&["curl/8.5", "Firefox/141"]))],
            ),
            CACHE,
            RETRY,
        ],
    },
    Service {
        name: "orders",
        host: "app-1",
        pid: 913,
        thread: 140_674_522_040_000,
        style: Style::Structlog,
        ahead_ns: 2_400_000,
        gain_ppm: 3,
        actions: &[
            action(
                "order:place",
                &[("order", Value::Order), ("login", Value::User)],
                &[("total", Value::Money)],
            ),
            action(
                "order:validate",
                &[
                    ("order", Value::Order),
                    ("currency", Value::OneOf(&["EUR", "USD"])),
                ],
                &[("valid", Value::Flag)],
            ),
            action(
                "order:price",
                &[("sku", Value::Sku), ("quantity", Value::Below(9))],
                &[("price", Value::Money)],
            ),
            action(
                "db:transaction",
                &[(
                    "isolation",
                    Value::OneOf(&["serializable", "read committed"]),
                )],
                &[("rows", ROWS)],
            ),
        ],
        messages: &[
            message(
                "order:items",
                "order %s has its items",
                Value::Order,
                &[("items", Value::Items)],
            ),
            message(
                "order:address",
                "shipping to %s",
                Value::Person,
                &[("address", Value::Address)],
            ),
            message(
                "order:note",
                "note of the customer: %s",
                Value::Note,
                &[("note", Value::Note), ("id", Value::Snowflake)],
            ),
            QUERY,
            CACHE,
        ],
    },
    Service {
        name: "payments",
        host: "app-2",
        pid: 1204,
        thread: 140_571_646_872_448,
        style: Style::Pino,
        ahead_ns: 7_100_000,
        gain_ppm: 8,
        actions: &[
            action(
                "payment:charge",
                &[
                    ("amount", Value::Money),
                    ("currency", Value::OneOf(&["EUR", "USD"])),
                ],
                &[("reference", Value::Snowflake)],
            ),
            action(
                "payment:fraud-check",
                &[("email", Value::Email)],
                &[("score", Value::Below(100))],
            ),
        ],
        messages: &[
            message(
                "payment:state",
                "payment is %s",
                Value::OneOf(&["authorized", "captured"]),
                &[("reference", Value::Snowflake), ("amount", Value::Money)],
            ),
            message(
                "payment:risk",
                "risk score %d",
                Value::Below(100),
                &[("email", Value::Email), ("ip", Value::Ip)],
            ),
            QUERY,
            RETRY,
        ],
    },
    Service {
        name: "inventory",
        host: "app-3",
        pid: 377,
        thread: 140_122_004_912_896,
        style: Style::Structlog,
        ahead_ns: 0,
        gain_ppm: 5,
        actions: &[
            action(
                "stock:reserve",
                &[("sku", Value::Sku), ("quantity", Value::Below(9))],
                &[("left", Value::Below(800))],
            ),
            action(
                "stock:locate",
                &[("sku", Value::Sku)],
                &[("shelf", Value::OneOf(&["A-17", "C-03", "F-41"]))],
            ),
        ],
        messages: &[
            message(
                "stock:level",
                "%d left on the shelf",
                Value::Below(800),
                &[("sku", Value::Sku), ("left", Value::Below(800))],
            ),
            QUERY,
            CACHE,
        ],
    },
    Service {
        name: "mailer",
        host: "job-1",
        pid: 2051,
        thread: 139_853_118_412_544,
        style: Style::Pino,
        ahead_ns: 3_300_000,
        gain_ppm: 1,
        actions: &[
            action(
                "mail:send",
                &[
                    ("to", Value::Email),
                    (
                        "template",
                        Value::OneOf(&["receipt", "welcome", "réclamation"]),
                    ),
                ],
                &[("size", Value::Below(60_000))],
            ),
            action(
                "mail:render",
                &[("recipient", Value::Person)],
                &[("size", Value::Below(60_000))],
            ),
        ],
        messages: &[
            message(
                "mail:recipient",
                "writing to %s",
                Value::Person,
                &[("to", Value::Email), ("recipient", Value::Person)],
            ),
            message(
                "mail:smtp",
                "server said %s",
                Value::OneOf(&["250 OK", "250 2.1.5 Ok", "451 try later"]),
                &[("wait_ms", Value::Millis)],
            ),
            RETRY,
        ],
    },
    Service {
        name: "search",
        host: "app-3",
        pid: 641,
        thread: 140_338_900_530_944,
        style: Style::Zap,
        ahead_ns: 900_000,
        gain_ppm: 12,
        actions: &[
            action(
                "search:query",
                &[
                    ("q", Value::OneOf(&["lamp", "Stuhl", "café table"])),
                    ("limit", Value::Below(50)),
                ],
                &[("hits", ROWS)],
            ),
            action(
                "search:rank",
                &[("model", Value::OneOf(&["bm25", "v7"]))],
                &[("took_ms", Value::Millis)],
            ),
        ],
        messages: &[
            message(
                "search:shard",
                "shard %d answered",
                Value::Below(12),
                &[("hits", ROWS), ("took_ms", Value::Millis)],
            ),
            message(
                "search:suggest",
                "did you mean %s",
                Value::OneOf(&["lampe", "Stühle", "café"]),
                &[("q", Value::OneOf(&["lamp", "Stuhl"]))],
            ),
            CACHE,
        ],
    },
];
