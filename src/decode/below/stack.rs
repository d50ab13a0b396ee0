//! The lines of stacks as the JVM, .NET and JavaScript write them: what was raised comes first.

use super::is_indented;

/// What leads from a stack of the JVM to another.
pub(super) const CAUSE: &[u8] = b"Caused by: ";

/// What Node.js says last.
const NODE: &[u8] = b"Node.js v";

/// True for a line of a stack, and for what leads to one.
pub(super) fn is_frame(line: &[u8]) -> bool {
    if is_indented(line) {
        // Tomcat indents the root cause as a whole.
        let text = line.trim_ascii_start();
        return text.starts_with(b"at ") || is_raised(text) && !is_named(text);
    }
    line.starts_with(CAUSE) || behind_class(line).is_some()
}

/// True for lines of which the last one is of a stack, or is what Node.js shows of an error
/// behind it.
pub(super) fn ends_in_frame(lines: &[u8]) -> bool {
    let last = lines.trim_ascii_end().rsplit(|&byte| byte == b'\n').next();
    last.is_some_and(|last| {
        let text = last.trim_ascii_start();
        let is_frame = text.starts_with(b"at ") || text.starts_with(b"... ");
        text.len() < last.len() && is_frame || last == b"}" || last.starts_with(NODE)
    })
}

/// True for a line with which a stack goes on behind a frame, without a blank in front: of the JVM, as Logback writes the
/// root first, of .NET, and what stands behind the members of an error that Node.js shows.
pub(super) fn goes_on_behind_frame(line: &[u8]) -> bool {
    let marks = [CAUSE, b"Wrapped by: ", b"--- End of ", b"}", NODE];
    marks.iter().any(|mark| line.starts_with(mark))
}

/// True for what was raised as it stands above a stack: a class, and mostly a reason.
pub(in crate::decode) fn is_raised(line: &[u8]) -> bool {
    behind_class(line).is_some_and(|rest| rest.is_empty() || rest.starts_with(b":"))
}

/// True for what was raised by a name that has no dot in it.
pub(super) fn is_named(line: &[u8]) -> bool {
    class(line).is_some_and(|(name, _)| !name.contains(&b'.'))
}

/// The reason of `Error: reason`, a class of JavaScript's that is a level elsewhere.
pub(super) fn error_of_javascript(line: &[u8]) -> Option<&[u8]> {
    line.strip_prefix(b"Error: ")
}

/// What stands behind the name of a class that can be raised.
fn behind_class(line: &[u8]) -> Option<&[u8]> {
    class(line).map(|(_, rest)| rest)
}

/// The name of a class that can be raised, and what stands behind: the full one of the JVM and .NET, or one of
/// JavaScript's such as `TypeError`, behind which Node.js has a code in brackets.
fn class(line: &[u8]) -> Option<(&[u8], &[u8])> {
    let end = line.iter().position(|byte| b": ".contains(byte));
    let (name, rest) = line.split_at(end.unwrap_or(line.len()));
    let mut kinds = [&b"Exception"[..], b"Error", b"Throwable"].into_iter();
    let kind = kinds.find(|kind| name.ends_with(kind))?;
    if name.contains(&b'.') {
        return Some((name, rest));
    }
    let is_name = name.len() > kind.len()
        && name[0].is_ascii_uppercase()
        && name.iter().all(u8::is_ascii_alphanumeric);
    let rest = match rest.strip_prefix(b" [") {
        Some(code) => &code[memchr::memchr(b']', code)? + 1..],
        None => rest,
    };
    (is_name && rest.starts_with(b": ")).then_some((name, rest))
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use crate::decode::format::{Settings, tests::decode};

    #[test]
    fn stacks_of_javascript() {
        let sample = include_bytes!("../../../tests/data/samples/node-stacks.txt");
        expect![[r#"
            {"message":"TypeError: boom","exception":"TypeError: boom\n    at Timeout._onTimeout (/srv/shop/app/crash.js:3:26)\n    at listOnTimeout (node:internal/timers:581:17)\n    at process.processTimers (node:internal/timers:519:7) {\n  code: 'E_BOOM',\n  [cause]: Error: deep\n      at Timeout._onTimeout (/srv/shop/app/crash.js:3:54)\n      at listOnTimeout (node:internal/timers:581:17)\n      at process.processTimers (node:internal/timers:519:7)\n}\n\nNode.js v20.20.2"}
            {"message":"TypeError: boom","exception":"TypeError: boom\n    at /srv/shop/app/gateway.js:12:36\n    at Layer.handleRequest (/srv/shop/node_modules/router/lib/layer.js:169:33)\n    at next (/srv/shop/node_modules/router/lib/route.js:163:13)\n    at Route.dispatch (/srv/shop/node_modules/router/lib/route.js:123:3)"}
            {"time":"2026-11-30T22:59:38.960Z","level":"debug","message":"order done"}
            {"time":"2026-11-30T22:59:39.002Z","level":"error","message":"no box for order 3","exception":"Error: no box for order 3\n    at QueueEvents.onFailed (/srv/shop/node_modules/bullmq/dist/cjs/classes/job.js:755:24)\n    at QueueEvents.emit (node:events:524:28)\n    at QueueEvents.emit (/srv/shop/node_modules/bullmq/dist/cjs/classes/queue-base.js:81:26)\n    at QueueEvents.emit (/srv/shop/node_modules/bullmq/dist/cjs/classes/queue-events.js:32:22)\n    at QueueEvents.consumeEvents (/srv/shop/node_modules/bullmq/dist/cjs/classes/queue-events.js:102:34)\n    at process.processTicksAndRejections (node:internal/process/task_queues:95:5)\n    at async QueueEvents.run (/srv/shop/node_modules/bullmq/dist/cjs/classes/queue-events.js:56:17)"}
            {"time":"2026-11-30T22:59:39.003Z","level":"error","message":"order failed"}
            {"time":"2026-11-30T22:59:39.004Z","level":"warn","message":"giving up on order %d"}
        "#]].assert_eq(&decode("auto", &Settings::default(), sample));
    }

    #[test]
    fn what_a_name_without_a_dot_shows() {
        let lines = "Error: nobody's is a level
2026-11-20T12:00:00Z error: late
Error: another
2026-11-20T12:00:00Z error: late
Error: late
    at x
2026-11-20T12:00:00Z error: late
RangeError [ERR_X]: late
    at x
2026-11-20T12:00:00Z error: late
ValueError: late
my Error: late
Error: is this late
Error: is this late
    at x
";
        expect![[r#"
            {"level":"Error","message":"nobody's is a level"}
            {"time":"2026-11-20T12:00:00Z","level":"error","message":"late"}
            {"level":"Error","message":"another"}
            {"time":"2026-11-20T12:00:00Z","level":"error","message":"late","exception":"Error: late\n    at x"}
            {"time":"2026-11-20T12:00:00Z","level":"error","message":"late","exception":"RangeError [ERR_X]: late\n    at x"}
            {"time":"2026-11-20T12:00:00Z","level":"error","message":"late","exception":"ValueError: late\nmy Error: late"}
            {"level":"Error","message":"is this late"}
            {"level":"Error","message":"is this late","exception":"    at x"}
        "#]].assert_eq(&decode("logfmt", &Settings::default(), lines.as_bytes()));
    }

    #[test]
    fn a_root_cause_of_tomcat_is_that_of_the_record_above() {
        let lines = "30-Nov-2026 23:05:27.677 SEVERE [exec-5] a.B.invoke x threw exception [no

Stacktrace:] with root cause
\tjava.lang.RuntimeException: deep
\t\tat a.B.c(B.java:1)
30-Nov-2026 23:05:28.677 INFO [exec-5] a.B.invoke x
  Note: indented
";
        expect![[r#"
            {"time":"2026-11-30 23:05:27.677","level":"SEVERE","logger":"a.B.invoke","thread":"exec-5","message":"x threw exception [no\nStacktrace:] with root cause","exception":"\tjava.lang.RuntimeException: deep\n\t\tat a.B.c(B.java:1)"}
            {"time":"2026-11-30 23:05:28.677","level":"INFO","logger":"a.B.invoke","thread":"exec-5","message":"x\n  Note: indented"}
        "#]].assert_eq(&decode("logfmt", &Settings::default(), lines.as_bytes()));
    }

    #[test]
    fn a_stack_that_nobody_has_caught_ends_behind_its_frames() {
        let lines = "java.lang.IllegalStateException: x
second line
\tat a.B.c(B.java:1)
Caused by: y
second line
\tat a.B.c(B.java:1)
\t... 2 more
nobody's
TypeError: x
    at y {
  code: 7
}
nobody's
TypeError
";
        expect![[r#"
            {"message":"java.lang.IllegalStateException: x","exception":"java.lang.IllegalStateException: x\nsecond line\n\tat a.B.c(B.java:1)\nCaused by: y\nsecond line\n\tat a.B.c(B.java:1)\n\t... 2 more"}
            rejected (no key=value pair, and no time or level in front): nobody's
            {"message":"TypeError: x","exception":"TypeError: x\n    at y {\n  code: 7\n}"}
            rejected (no key=value pair, and no time or level in front): nobody's
            rejected (no key=value pair, and no time or level in front): TypeError
        "#]].assert_eq(&decode("logfmt", &Settings::default(), lines.as_bytes()));
    }
}
