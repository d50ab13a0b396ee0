//! Values of fields: who, what, how much.
//!
//! A value is drawn from a [`Random`], so that a scope that repeats its fields on every record
//! (as distlog does) draws them again from its own seed and gets the same ones.

use crate::json::Line;
use crate::random::Random;

/// The kinds of values that a field may have.
#[derive(Clone, Copy)]
pub(crate) enum Value {
    /// A login name.
    User,
    /// A person's name, often beyond ASCII.
    Person,
    Email,
    /// An order's number, `ord-` and digits.
    Order,
    Sku,
    /// Money as a number with two decimals.
    Money,
    /// A whole number below this.
    Below(u32),
    /// A 64-bit identifier that no double holds.
    Snowflake,
    /// A fraction of a millisecond to some seconds, as a number of milliseconds.
    Millis,
    /// `true` or `false`.
    Flag,
    /// A status of HTTP; nearly always a good one.
    Status,
    Url,
    Ip,
    Sql,
    /// One of these words.
    OneOf(&'static [&'static str]),
    /// A text with quotes, newlines, control characters or emoji.
    Note,
    /// A nested list of objects.
    Items,
    /// A nested object.
    Address,
}

const USERS: [&str; 12] = [
    "ada", "grace", "linus", "edsger", "barbara", "ken", "margaret", "dennis", "radia", "tim",
    "sophie", "alan",
];
const PEOPLE: [&str; 8] = [
    "Zoë Müller",
    "José García",
    "Łukasz Nowak",
    "Ada Lovelace",
    "王小明",
    "Søren Ødegård",
    "Amélie Dupont",
    "Иван Петров",
];
const CITIES: [&str; 6] = ["Köln", "Lyon", "São Paulo", "Leeds", "東京", "Oslo"];
const URLS: [&str; 8] = [
    "/api/v2/orders",
    "/api/v2/orders/items",
    "/api/v2/payments",
    "/api/v2/stock/reserve",
    "/login",
    "/search?q=lamp&page=2",
    "/health",
    "/api/v2/users/me",
];
const SQL: [&str; 5] = [
    "SELECT id, total FROM orders WHERE customer = $1 ORDER BY created DESC LIMIT 20",
    "UPDATE stock SET reserved = reserved + $1 WHERE sku = $2",
    "INSERT INTO payments (order_id, amount, \"state\") VALUES ($1, $2, $3)",
    "SELECT * FROM prices WHERE sku = ANY($1)",
    "DELETE FROM sessions WHERE seen < now() - interval '1 day'",
];
const NOTES: [&str; 6] = [
    "please ring twice\nback door",
    "say \"hello\" \u{1f44b}",
    "C:\\share\\labels\\a4.pdf",
    "20 € off\tcoupon",
    "deliver by noon",
    "\u{1b}[1mbold\u{1b}[0m \u{1f381} gift",
];

impl Value {
    /// Appends the value as JSON.
    pub(crate) fn write(self, line: &mut Line, random: &mut Random) {
        match self {
            Self::Money
            | Self::Below(_)
            | Self::Status
            | Self::Snowflake
            | Self::Millis
            | Self::Flag => self.write_inside(line, random),
            Self::Items => items(line, random),
            Self::Address => address(line, random),
            _ => {
                line.raw("\"");
                self.write_inside(line, random);
                line.raw("\"");
            }
        }
    }

    /// Appends the value as it stands inside a text: a string without its quotes.
    pub(crate) fn write_inside(self, line: &mut Line, random: &mut Random) {
        match self {
            Self::User => line.escape(random.word(&USERS)),
            Self::Person => line.escape(random.word(&PEOPLE)),
            Self::Url => line.escape(random.word(&URLS)),
            Self::Sql => line.escape(random.word(&SQL)),
            Self::Note => line.escape(random.word(&NOTES)),
            Self::OneOf(words) => line.escape(random.word(words)),
            Self::Email => email(line, random),
            Self::Ip => address_of_host(line, random),
            Self::Order => {
                line.raw("ord-");
                line.number(u64::from(random.between(100_000, 9_999_999)));
            }
            Self::Sku => {
                line.raw("SKU-");
                line.digits(u64::from(random.below(100_000)), 5);
            }
            Self::Money => line.decimal(random.between(99, 250_000), 2),
            Self::Millis => line.decimal(random.delay() / 1000, 3),
            Self::Below(bound) => line.number(u64::from(random.below(bound))),
            Self::Status => line.number(status(random)),
            Self::Snowflake => line.number(random.next() >> 2 | 1 << 60),
            Self::Flag => line.raw(if random.per_mille(500) {
                "true"
            } else {
                "false"
            }),
            Self::Items | Self::Address => line.raw("..."),
        }
    }
}

/// Appends each field with a value.
pub(crate) fn write_fields(line: &mut Line, fields: &[(&str, Value)], random: &mut Random) {
    for (name, value) in fields {
        line.key(name);
        value.write(line, random);
    }
}

fn email(line: &mut Line, random: &mut Random) {
    line.raw(random.word(&USERS));
    line.number(u64::from(random.below(1000)));
    line.raw("@example.com");
}

fn address_of_host(line: &mut Line, random: &mut Random) {
    line.raw("10.0.");
    line.number(u64::from(random.below(4)));
    line.raw(".");
    line.number(u64::from(random.between(1, 254)));
}

fn status(random: &mut Random) -> u64 {
    match random.below(1000) {
        0..880 => 200,
        880..940 => 201,
        940..970 => 304,
        970..988 => 404,
        _ => 500,
    }
}

fn items(line: &mut Line, random: &mut Random) {
    line.raw("[");
    for _ in 0..random.between(1, 3) {
        line.next();
        line.open();
        write_fields(
            line,
            &[("sku", Value::Sku), ("quantity", Value::Below(9))],
            random,
        );
        line.close();
    }
    line.raw("]");
}

fn address(line: &mut Line, random: &mut Random) {
    line.open();
    let city = Value::OneOf(&CITIES);
    write_fields(line, &[("name", Value::Person), ("city", city)], random);
    line.key("geo");
    line.open();
    write_fields(line, &[("accuracy.m", Value::Below(90))], random);
    line.literal("zip", "null");
    line.close();
    line.close();
}
