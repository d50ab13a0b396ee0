//! The grammar: `or` binds least, then `and`, then `not`; parentheses bind most.
//!
//! The parser descends recursively, so the depth of an expression has a limit; `and` and
//! `or` make lists, so the length of a chain has none but that of the text.

use super::{
    ast::{Expr, Node},
    comparison::comparison,
    cursor::{Cursor, Fail},
    error::{ExprError, Problem},
    field::field,
};
use crate::record::Instant;

/// Bytes: long enough for thousands of ids in a list.
const LONGEST: usize = 1 << 20;
/// What `serde_json` allows; nobody reads more, and each level costs stack.
const DEEPEST: usize = 128;
/// Each of them may ask for two fields with sixteen readings, and a reader has room for
/// 65,535 in all. Values are not counted: `in` takes as many as the text holds.
const MOST_COMPARISONS: usize = 1_000;

impl Expr {
    /// Parses and checks an expression; `now` is what times such as `now-3h` count from.
    ///
    /// # Errors
    /// Says what was not understood, where, and what may have been meant. No text makes it
    /// panic.
    pub fn parse(text: &str, now: Instant) -> Result<Self, ExprError> {
        parse(text, now)
            .map(Self)
            .map_err(|fail| ExprError::new(text, fail))
    }
}

fn parse(text: &str, now: Instant) -> Result<Node, Fail> {
    let mut parser = Parser {
        cursor: Cursor::new(text),
        now,
        depth: 0,
        comparisons: 0,
    };
    if text.len() > LONGEST {
        return Err(parser.cursor.fail_from(0, Problem::TooLong(LONGEST)));
    }
    if text.trim().is_empty() {
        let fail = parser.cursor.fail_from(0, Problem::Empty);
        return Err(fail.hint("'true' selects every record"));
    }
    let node = parser.any()?;
    match parser.trailing() {
        None => Ok(node),
        Some(fail) => Err(fail),
    }
}

struct Parser<'a> {
    cursor: Cursor<'a>,
    now: Instant,
    depth: usize,
    comparisons: usize,
}

impl Parser<'_> {
    fn any(&mut self) -> Result<Node, Fail> {
        let mut branches = vec![self.all()?];
        while self.joined_by("or", "||") {
            branches.push(self.all()?);
        }
        Ok(Node::any(branches))
    }

    fn all(&mut self) -> Result<Node, Fail> {
        let mut branches = vec![self.unary()?];
        while self.joined_by("and", "&&") {
            branches.push(self.unary()?);
        }
        Ok(Node::all(branches))
    }

    fn joined_by(&mut self, word: &str, symbol: &str) -> bool {
        self.cursor.space();
        self.cursor.eat(symbol) || self.cursor.eat_word(word)
    }

    fn unary(&mut self) -> Result<Node, Fail> {
        self.cursor.space();
        if self.cursor.eat("!") || self.cursor.eat_word("not") {
            self.deeper()?;
            let inner = self.unary()?;
            self.depth -= 1;
            return Ok(Node::not(inner));
        }
        let open = self.cursor.pos();
        if !self.cursor.eat("(") {
            return self.leaf();
        }
        self.deeper()?;
        let inner = self.any()?;
        self.depth -= 1;
        self.cursor.space();
        if self.cursor.eat(")") {
            return Ok(inner);
        }
        Err(match self.trailing() {
            Some(fail) => fail,
            None => Fail {
                problem: Problem::Unclosed,
                hint: None,
                span: open..open + 1,
            },
        })
    }

    fn deeper(&mut self) -> Result<(), Fail> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(self.cursor.fail_token(Problem::TooDeep(DEEPEST)));
        }
        Ok(())
    }

    fn leaf(&mut self) -> Result<Node, Fail> {
        for (word, value) in [("true", true), ("false", false)] {
            if self.cursor.eat_word(word) {
                return Ok(Node::Constant(value));
            }
        }
        self.comparisons += 1;
        if self.comparisons > MOST_COMPARISONS {
            let problem = Problem::TooManyComparisons(MOST_COMPARISONS);
            return Err(self.cursor.fail_token(problem));
        }
        if self.cursor.eat_word("exists") {
            return self.exists();
        }
        comparison(&mut self.cursor, self.now)
    }

    fn exists(&mut self) -> Result<Node, Fail> {
        self.cursor.space();
        let open = self.cursor.pos();
        if !self.cursor.eat("(") {
            let problem = Problem::Expected {
                expected: "'('",
                found: self.cursor.next_token(),
            };
            let hint = "write exists(user); a field of that name is written .exists";
            return Err(self.cursor.fail_token(problem).hint(hint));
        }
        let subject = field(&mut self.cursor)?;
        self.cursor.space();
        if self.cursor.eat(")") {
            return Ok(Node::Exists(subject));
        }
        Err(if self.cursor.peek().is_none() {
            Fail {
                problem: Problem::Unclosed,
                hint: None,
                span: open..open + 1,
            }
        } else {
            self.cursor.fail_token(Problem::Expected {
                expected: "')'",
                found: self.cursor.next_token(),
            })
        })
    }

    /// What is wrong with whatever follows a complete expression.
    fn trailing(&self) -> Option<Fail> {
        let token = self.cursor.next_token();
        let meant = match token.as_str() {
            "" => return None,
            ")" => return Some(self.cursor.fail_token(Problem::Unopened)),
            "&" | "&&&" => "&&",
            "|" | "|||" => "||",
            "," => "or",
            _ => "",
        };
        let fail = self.cursor.fail_token(Problem::Trailing(token));
        Some(match meant {
            "" => fail,
            meant => fail.hint(format!("did you mean '{meant}'?")),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::expr::error::tests::check;

    #[test]
    fn what_is_opened_must_be_closed() {
        check(
            "(a == 1 or (b == 2)",
            "column 1: this '(' is never closed\n(a == 1 or (b == 2)\n^",
        );
        check(
            "a == 1)",
            "column 7: nothing opens this ')'\na == 1)\n      ^",
        );
        check(
            "a == 'x",
            "column 6: this string is never closed\na == 'x\n     ^",
        );
        check(
            "a in (1, 2",
            "column 11: expected ',' or ')', found the end\na in (1, 2\n          ^",
        );
        check(
            "a == \"\\d\"",
            "column 7: no such escape\na == \"\\d\"\n      ^^ a backslash itself is written \\\\",
        );
        check(
            "message ~ 'a(b'",
            "column 11: bad pattern: unclosed group\nmessage ~ 'a(b'\n          ^^^^^",
        );
        check(
            " ",
            "column 1: the expression is empty\n\n^ 'true' selects every record",
        );
    }

    #[test]
    fn depth_and_size_have_limits() {
        let refused = |text: String, expect: &str| {
            let error = Expr::parse(&text, Instant(0)).expect_err("too much");
            assert_eq!(error.problem().to_string(), expect);
        };
        let deep = "more than 128 parentheses or 'not' inside each other";
        refused("(".repeat(10_000) + "true" + &")".repeat(10_000), deep);
        refused("(".repeat(1_000_000), deep);
        refused("not ".repeat(10_000) + "true", deep);
        refused("!".repeat(10_000) + "true", deep);
        refused(
            "x".repeat(2 << 20),
            "the expression is longer than 1048576 bytes",
        );
        refused(["a == 1"; 1_001].join(" or "), "more than 1000 comparisons");
        refused(
            format!("{} == 1", ".a".repeat(65)),
            "a path of more than 64 steps",
        );
        let chain = ["exists(a)"; 1_000].join(" or ");
        assert!(Expr::parse(&chain, Instant(0)).is_ok());
    }
}
