"""Scopes of asyncio's tasks keep apart."""

import asyncio
import logging
import unittest

from distlog import current_scope, task, to

from support import logged, shape, trees_of

log = logging.getLogger("tests.coroutines")


class Coroutines(unittest.TestCase):
    def test_gathered_tasks_are_children_of_one_parent(self):
        async def step(number):
            with to("step %d", number) as scope:
                await asyncio.sleep(0)
                log.info("in %d", number)
                self.assertIs(current_scope(), scope)
                await asyncio.sleep(0)
                return scope.id

        async def main():
            async with task("all") as root:
                ids = await asyncio.gather(*(step(n) for n in range(50)))
                self.assertIs(current_scope(), root)
                return root.id, ids

        with logged() as out:
            root, ids = asyncio.run(main())
        self.assertEqual(sorted(ids), sorted(f"{root}/{n}" for n in range(1, 51)))
        self.assertEqual(len(out.lines), 2 + 50 * 3)

    def test_a_task_outlives_its_parent(self):
        async def late(go):
            await go.wait()
            log.info("late")
            with to("later still") as scope:
                return scope.id

        async def main():
            go = asyncio.Event()
            with task("early") as root:
                following = asyncio.ensure_future(late(go))
                await asyncio.sleep(0)
            go.set()
            return root.id, await following

        with logged() as out:
            root, child = asyncio.run(main())
        self.assertEqual(child, f"{root}/1")
        self.assertEqual([s[0] for s in shape(out.records)], ["0@", "1@", "2@", "0@1", "1@1"])
        tree = trees_of(out.lines)[root]
        self.assertEqual(tree["status"], "succeeded")

    def test_scopes_do_not_nest_for_ever(self):
        """A loop that starts tasks from inside of tasks: each belongs to who started it."""
        async def chain(left):
            with task("link") as scope:
                pass
            self.assertNotIn("/", scope.id)
            if left:
                return await asyncio.ensure_future(chain(left - 1))

        asyncio.run(chain(30))


if __name__ == "__main__":
    unittest.main()
