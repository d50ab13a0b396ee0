//! The grammar: `or` binds least, then `and`, then `not`; parentheses bind most.
//!
//! The parser descends recursively, so the depth of an expression has a limit; `and` and
//! `or` make lists, so the length of a chain has none but that of the text.

use super::{
    ast::{Expr, Node},
    clock::Clock,
    comparison::comparison,
    cursor::{Cursor, Fail},
    duration,
    error::{ExprError, Problem},
    field::field,
    number::Number,
    size,
};

/// Bytes: long enough for thousands of ids in a list.
const LONGEST: usize = 1 << 20;
/// What `serde_json` allows; nobody reads more, and each level costs stack.
const DEEPEST: usize = 128;
/// Each of them may ask for two fields with sixteen readings, and a reader has room for
/// 65,535 in all. Values are not counted: `in` takes as many as the text holds.
const MOST_COMPARISONS: usize = 1_000;

impl Expr {
    /// Parses and checks an expression; `clock` is what times such as `now-3h` count from.
    /// An instant is a clock in UTC.
    ///
    /// # Errors
    /// Says what was not understood, where, and what may have been meant. No text makes it
    /// panic.
    pub fn parse(text: &str, clock: impl Into<Clock>) -> Result<Self, ExprError> {
        parse(text, clock.into())
            .map(Self)
            .map_err(|fail| ExprError::new(text, fail))
    }
}

fn parse(text: &str, clock: Clock) -> Result<Node, Fail> {
    let mut parser = Parser {
        cursor: Cursor::new(text),
        clock,
        depth: 0,
        comparisons: 0,
    };
    if text.len() > LONGEST {
        return Err(parser.cursor.fail_from(0, Problem::TooLong(LONGEST)));
    }
    parser.cursor.space();
    if parser.cursor.peek().is_none() {
        parser.cursor = Cursor::new(text);
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
    clock: Clock,
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
        comparison(&mut self.cursor, &self.clock)
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
        let number = self.cursor.word_before();
        let fail = self.cursor.fail_token(Problem::Trailing(token.clone()));
        Some(match meant {
            "" if is_number_of(number, &token) => fail.hint(format!(
                "a number and its unit stand together: '{number}{token}'"
            )),
            "" => fail,
            meant => fail.hint(format!("did you mean '{meant}'?")),
        })
    }
}

/// True for a number and a unit of time or size that were parted by a blank.
fn is_number_of(number: &str, unit: &str) -> bool {
    let is_unit = size::is_unit(unit) || duration::seconds(&format!("1{unit}")).is_some();
    is_unit && Number::read(number).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{expr::error::tests::check, record::Instant};

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
    fn comments_are_passed_over() {
        let same = |text: &str, expect: &str| {
            let parse = |text| match Expr::parse(text, Instant(0)) {
                Ok(expr) => expr.to_string(),
                Err(error) => panic!("{error}"),
            };
            assert_eq!(parse(text), parse(expect), "{text}");
        };
        same(
            "# what is slow\n.took > 1s # a second\n  # or\n  and .n == 1 #",
            ".took > 1s and .n == 1",
        );
        same("time > yesterday # noon\n 12:00", "time > yesterday 12:00");
        same("a in (1, # one\n 2)", "a in (1, 2)");
        same(
            "b == x#y and c == '# d\n# e'",
            "b == 'x#y' and c == '# d\n# e'",
        );
        check(
            "# only\n # comments",
            "line 1, column 1: the expression is empty\n# only\n^ 'true' selects every record",
        );
        check(
            "channel == #ops",
            "column 16: expected a value, found the end\nchannel == #ops\n               ^ a comment begins with #; a text that does stands in quotes",
        );
        check(
            "channel ~ #ops\nand a == 1",
            "line 2, column 1: expected a value, found 'and'\nand a == 1\n^^^ a comment begins with #; a text that does stands in quotes",
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
