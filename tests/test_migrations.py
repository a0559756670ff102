"""Migrations run while the old code runs: none locks it out, rewrites a table or breaks its SQL."""

import threading
from types import SimpleNamespace

import psycopg
import pytest
from django.db import connection, migrations, models
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader
from django.db.models.functions import Now

from jokkerit_plugin.models import InboxEvent, Purchase
from tests.kills import old_customers
from tests.migrating import Watch, another_database, heavy

OURS = "jokkerit_plugin"
MIGRATIONS = {
    name: found for (app, name), found in MigrationLoader(None).disk_migrations.items()
    if app == OURS
}  # fmt: skip
#: What is there before anybody has installed it may do as it likes.
FIRST, *LATER = sorted(MIGRATIONS)

#: What the old code does all day, as far as SQL goes.
WRITES = (
    "INSERT INTO jokkerit_plugin_inboxevent (kind, key) VALUES ('order', gen_random_uuid())",
    "UPDATE jokkerit_plugin_customer SET entered_at = now() WHERE id % 50 = 0",
    "UPDATE jokkerit_plugin_postaladdress SET last_used_at = now() WHERE id % 50 = 0",
    "SELECT sum(gross) FROM jokkerit_plugin_purchase WHERE customer_id > 0",
)


@pytest.fixture
def copy(transactional_db):
    """A copy of the test's database, to which this connection leads; the URL."""
    with another_database("jokkerit_rolling") as url:
        yield url


@pytest.fixture
def watch(copy):
    """What sees the locks and rewrites of this connection."""
    with psycopg.connect(copy, autocommit=True) as other:
        yield Watch(other)


class OldCode:
    """Reads and writes on a connection of its own, until the block ends."""

    def __init__(self, url: str) -> None:
        self.url, self.rounds, self.error = url, 0, ""
        self.stop, self.began = threading.Event(), threading.Event()
        self.thread = threading.Thread(target=self.run)

    def run(self) -> None:
        try:
            with psycopg.connect(self.url, autocommit=True) as own:
                while not self.stop.is_set():
                    for statement in WRITES:
                        own.execute(statement)
                    self.rounds += 1
                    self.began.set()
        except psycopg.Error as error:
            self.error = str(error)
            self.began.set()

    def __enter__(self) -> "OldCode":
        self.thread.start()
        self.began.wait()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop.set()
        self.thread.join()


def test_the_old_code_goes_on_while_every_migration_runs(copy, watch):
    MigrationExecutor(connection).migrate([(OURS, FIRST)])
    old_customers(500)
    with OldCode(copy) as old:
        watch.migrate(OURS, LATER[-1])
    assert old.error == ""
    assert InboxEvent.objects.count() == old.rounds
    assert Purchase.objects.count() == 500
    assert watch.faults == []


CUSTOMER = f"{OURS}_customer"
#: A table and what is done to it; and what the old code would feel, if anything.
FELT = [
    (["ALTER TABLE {0} ALTER name TYPE int USING 0"], "was rewritten"),
    (["ALTER TABLE {0} ADD x uuid DEFAULT gen_random_uuid()"], "was rewritten"),
    (["ALTER TABLE {0} ALTER name TYPE text"], "name is gone or changed"),
    (["ALTER TABLE {0} DROP name"], "name is gone or changed"),
    (["ALTER TABLE {0} RENAME name TO called"], "name is gone or changed"),
    (["ALTER TABLE {0} ADD x int NOT NULL"], "x must be given"),
    (["ALTER TABLE {0} ALTER name SET NOT NULL"], "name must be given"),
    (["ALTER TABLE {0} ADD x int", "SELECT 1"], "locked while 'SELECT 1' runs"),
    (["CREATE INDEX ON {0} (name)", "SELECT 1"], "locked while 'SELECT 1' runs"),
    (["SELECT 1", "ALTER TABLE {0} ADD x int NOT NULL DEFAULT 5"], ""),
    (["CREATE TABLE {0}_new (id int)", "ALTER TABLE {0}_new ADD x int NOT NULL"], ""),
]


def test_the_watcher_sees_what_the_old_code_would_feel(watch):
    for number, (statements, fault) in enumerate(FELT):
        table = f"jokkerit_felt_{number}"
        watch.other.execute(f"CREATE TABLE {table} (name varchar(9))")
        watch.faults = []
        with watch.watching(""), connection.schema_editor(atomic=True) as editor:
            for statement in statements:
                editor.execute(statement.format(table))
        assert bool(watch.faults) is bool(fault), (statements, watch.faults)
        assert fault in "".join(watch.faults[:1])


def test_no_migration_does_what_a_running_shop_would_wait_for():
    assert [what for name in LATER for what in heavy(MIGRATIONS[name])] == []


def one(*operations):
    return SimpleNamespace(app_label=OURS, name="0099", operations=operations)


def column(field, name="customer"):
    return migrations.AddField(name, "x", field)


NEW = migrations.CreateModel("New", [("id", models.BigAutoField(primary_key=True))])


@pytest.mark.parametrize(
    "operation",
    [
        column(models.IntegerField(default=5)),
        column(models.IntegerField(null=True, db_index=True)),
        column(models.ForeignKey("jokkerit_plugin.Purchase", models.CASCADE, null=True)),
        migrations.RemoveField("customer", "email"),
        migrations.RenameField("customer", "email", "mail"),
        migrations.AlterField("customer", "email", models.TextField()),
        migrations.AddIndex("customer", models.Index(fields=["email"], name="x")),
        migrations.AddConstraint(
            "customer", models.UniqueConstraint(fields=["email"], name="x")
        ),
        migrations.DeleteModel("customer"),
        migrations.RunPython(migrations.RunPython.noop),
        migrations.SeparateDatabaseAndState([migrations.RemoveField("customer", "email")]),
        *(
            migrations.RunSQL(sql)
            for sql in (
                f"CREATE INDEX x ON {CUSTOMER} (email)",
                f"create unique index x on only {CUSTOMER} (email)",
                f"ALTER TABLE {CUSTOMER}\n  ALTER COLUMN email TYPE text",
                f"ALTER TABLE ONLY {CUSTOMER} ALTER email SET NOT NULL",
                f"ALTER TABLE {CUSTOMER} ADD COLUMN x int NOT NULL",
                f"ALTER TABLE {CUSTOMER} ADD COLUMN x uuid DEFAULT gen_random_uuid()",
                f"ALTER TABLE {CUSTOMER} ADD CONSTRAINT x CHECK (id > 0)",
                f"ALTER TABLE {CUSTOMER} ADD CONSTRAINT x UNIQUE (email)",
                f"ALTER TABLE {CUSTOMER} RENAME COLUMN email TO mail",
                f"ALTER TABLE {CUSTOMER} DROP COLUMN email",
                f"SELECT 1; UPDATE {CUSTOMER} SET email = ''",
                f"LOCK TABLE {CUSTOMER}", f"DROP TABLE {CUSTOMER}", f"TRUNCATE {CUSTOMER}",
                f"CLUSTER {CUSTOMER}",
            )
        ),
    ],
    ids=lambda found: found.sql[:60] if hasattr(found, "sql") else found.describe(),
)  # fmt: skip
def test_what_a_migration_may_not_do_is_found(operation):
    assert len(heavy(one(operation))) == 1


def test_what_a_migration_may_do_is_let_through():
    light = [
        NEW, column(models.IntegerField(db_index=True), "new"),
        column(models.IntegerField(null=True)), column(models.DateTimeField(db_default=Now())),
        migrations.AddIndex("new", models.Index(fields=["x"], name="x")),
        *(
            migrations.RunSQL(sql)
            for sql in (
                f"CREATE INDEX CONCURRENTLY x ON {CUSTOMER} (email)",
                f"ALTER TABLE {CUSTOMER} ADD COLUMN x int NOT NULL DEFAULT 0",
                f"ALTER TABLE {CUSTOMER} ADD COLUMN x int DEFAULT 0 NOT NULL",
                f"ALTER TABLE {CUSTOMER} ADD CONSTRAINT x CHECK (id > 0) NOT VALID",
                f"ALTER TABLE {CUSTOMER} VALIDATE CONSTRAINT x",
                f"ALTER TABLE {CUSTOMER} ADD CONSTRAINT x UNIQUE USING INDEX y",
                f"CREATE TRIGGER x BEFORE UPDATE ON {CUSTOMER} FOR EACH ROW EXECUTE FUNCTION y()",
                f"CREATE FUNCTION y() AS $$ BEGIN UPDATE {CUSTOMER} SET id = 1; END $$",
                "CREATE TABLE z (id int); CREATE INDEX x ON z (id)",
            )
        ),
    ]  # fmt: skip
    assert heavy(one(*light)) == []
