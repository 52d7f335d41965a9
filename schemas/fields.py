"""The fields of a persona that a file can bring, and the kind of value each takes. Owns no parsing."""

from enum import StrEnum

ATTRIBUTE_PREFIX = "attribute:"


class Kind(StrEnum):
    """How a field's cells are read."""

    TEXT = "text"
    PHONE = "phone"
    EMAIL = "email"
    DATE = "date"
    POINTS = "points"
    YES_NO = "yes_no"
    CUSTOMER_TYPE = "customer_type"
    ATTRIBUTE = "attribute"


#: Every field of a file, in the order in which the product names them.
FIELDS: dict[str, Kind] = {
    "first_name": Kind.TEXT,
    "last_name": Kind.TEXT,
    "full_name": Kind.TEXT,
    "phone": Kind.PHONE,
    "email": Kind.EMAIL,
    "birthday": Kind.DATE,
    "address": Kind.TEXT,
    "address2": Kind.TEXT,
    "city": Kind.TEXT,
    "state": Kind.TEXT,
    "postal_code": Kind.TEXT,
    "country": Kind.TEXT,
    "gender": Kind.TEXT,
    "points": Kind.POINTS,
    "sms_opt_in": Kind.YES_NO,
    "email_opt_in": Kind.YES_NO,
    "sms_opt_out": Kind.YES_NO,
    "email_opt_out": Kind.YES_NO,
    "customer_type": Kind.CUSTOMER_TYPE,
    "loyalty": Kind.YES_NO,
    "loyalty_signup_date": Kind.DATE,
    "favorite_store": Kind.TEXT,
    "external_id": Kind.TEXT,
}

#: Columns of a persona that a later non-blank value simply replaces.
PROFILE: tuple[str, ...] = (
    "first_name",
    "last_name",
    "full_name",
    "birthday",
    "address",
    "address2",
    "city",
    "state",
    "postal_code",
    "country",
    "gender",
    "customer_type",
    "external_id",
    "loyalty_signup_date",
)

#: Columns of a mapping that permission depends on.
CONSENT_FIELDS = frozenset({"sms_opt_in", "email_opt_in", "sms_opt_out", "email_opt_out"})

#: The printed headers of the product's own templates, and what each means.
TEMPLATE_HEADERS: dict[str, str] = {
    "First Name": "first_name",
    "Last Name": "last_name",
    "Phone": "phone",
    "Email": "email",
    "Birthday": "birthday",
    "Address": "address",
    "City": "city",
    "State": "state",
    "Zip": "postal_code",
    "Points": "points",
    "Opt-in SMS": "sms_opt_in",
    "Opt-in Email": "email_opt_in",
    "Explicit SMS Opt-out": "sms_opt_out",
    "Customer Type": "customer_type",
    "Loyalty Signup Date": "loyalty_signup_date",
    "Favorite Store": "favorite_store",
}


def kind_of(field: str) -> Kind:
    """The kind of a field name or `attribute:<name>`; KeyError for anything else."""
    return Kind.ATTRIBUTE if field.startswith(ATTRIBUTE_PREFIX) else FIELDS[field]
