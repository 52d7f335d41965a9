"""django-import-export: a ModelResource in bulk, known customers looked up once for the whole file.

It finds by one key, the e-mail: a second row of an e-mail is left out, a phone that is taken would break the whole
batch, so the index on phones is not unique here. A blank overwrites. No ledger, balance, consent or audience.
"""

from typing import Any
from urllib.parse import unquote, urlsplit

import django
import psycopg
from django.conf import settings

from bench.peers.contest import TEXTS, Task, read_email, read_phone, run

_BATCH = 1_000


def prepare(task: Task) -> None:
    with psycopg.connect(task.database, autocommit=True) as conn:
        conn.execute("DROP INDEX customers_account_id_phone_idx")
        conn.execute("CREATE INDEX ON customers (account_id, phone)")
    url = urlsplit(task.database)
    place = {"HOST": url.hostname, "PORT": url.port, "NAME": url.path[1:], "USER": url.username}
    database = {"ENGINE": "django.db.backends.postgresql", **place, "PASSWORD": unquote(url.password or "")}
    settings.configure(
        DATABASES={"default": database},
        INSTALLED_APPS=["import_export"],
        USE_TZ=True,
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
    )
    django.setup()


def load(task: Task) -> int:
    import tablib

    customer = _make_model()
    with task.file.open(encoding="utf-8", newline="") as file:
        dataset = tablib.Dataset().load(file, format="csv")
    result = _make_resource(customer).import_data(dataset, raise_errors=True)
    assert not result.has_errors()
    return int(customer.objects.count())


def _make_model() -> Any:
    """Django's models may only be made when it is set up."""
    from django.db import models

    class Meta:
        app_label, db_table, managed = "import_export", "customers", False

    texts = {name: models.TextField(null=True) for name in ("phone", "email", *TEXTS.values())}
    dates = {name: models.DateField(null=True) for name in ("birthday", "loyalty_signup_date")}
    body = {
        "account_id": models.BigIntegerField(default=1),
        "attributes": models.JSONField(default=dict),
        "created_at": models.DateTimeField(auto_now_add=True),
        "updated_at": models.DateTimeField(auto_now=True),
    }
    return type("Customer", (models.Model,), {"__module__": __name__, "Meta": Meta, **texts, **dates, **body})


def _make_resource(customer: Any) -> Any:
    from import_export import fields, instance_loaders, resources, widgets

    columns = {name: fields.Field(name, header) for header, name in TEXTS.items()}
    columns["phone"] = fields.Field("phone", "Phone", _widget(read_phone))
    columns["email"] = fields.Field("email", "Email", _widget(read_email))
    columns["birthday"] = fields.Field("birthday", "Birthday", widgets.DateWidget("%m/%d/%Y"))
    columns["loyalty_signup_date"] = fields.Field(
        "loyalty_signup_date", "Loyalty Signup Date", widgets.DateWidget("%Y-%m-%d")
    )
    columns["attributes"] = fields.Field(
        "attributes", "Veteran", _widget(lambda text: {"veteran": text} if text else {})
    )
    options = {
        "model": customer,
        "import_id_fields": ("email",),
        "fields": tuple(columns),
        "use_bulk": True,
        "batch_size": _BATCH,
        "skip_diff": True,
        "report_skipped": False,
        "use_transactions": True,
        "instance_loader_class": instance_loaders.CachedInstanceLoader,
    }
    meta = type("Meta", (), options)
    return type("CustomerResource", (_Once, resources.ModelResource), {"Meta": meta, **columns})()


def _widget(read: Any) -> Any:
    from import_export import widgets

    return type("Cell", (widgets.Widget,), {"clean": lambda _, value, **__: read(value)})()


class _Once:
    """Rows without a key, and later rows of an e-mail, are skipped."""

    fields: dict[str, Any]

    def before_import(self, dataset: object, **_: object) -> None:
        self.seen: set[str] = set()

    def get_instance(self, instance_loader: Any, row: Any) -> Any:
        return instance_loader.get_instance(row) if self.fields["email"].clean(row) else None

    def skip_row(self, instance: Any, original: Any, row: Any, import_validation_errors: Any = None) -> bool:
        if not instance.email:
            return not instance.phone
        known = instance.email in self.seen
        self.seen.add(instance.email)
        return known


if __name__ == "__main__":
    run(load, prepare)
