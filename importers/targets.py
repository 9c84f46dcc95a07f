"""What a column of an imported list can mean: the fields of the two tabs, and the parts that fields are made of.

Data only. Which header means what is mapping.py's part; putting parts together is shaping.py's.
"""

from validators.tabs import CLIENTS, INVOICES, Owner

# Parts of a client that lists keep in columns of their own; all but the last two become name, contact person, address.
CLIENT_PARTS = (
    "first_name",
    "middle_name",
    "last_name",
    "company",
    "street",
    "building",
    "postal_code",
    "city",
    "country",
    "phone_2",
    "email_2",
)
# What invoices tell beside their own fields: of the client, the seller, and of several lines of one invoice.
INVOICE_PARTS = (
    "client_name",
    "client_tax_id",
    "client_email",
    "client_phone",
    "client_address",
    "client_street",
    "client_postal_code",
    "client_city",
    "client_country",
    "seller_tax_id",
    "seller_name",
    "ksef_number",
    "corrects_number",
    "kind",
    "state",
    "due_days",
    "paid_flag",
    "remaining",
    "line_amount",
)

# The id counts only where the workbook knows it: other programs number their records too.
CLIENT_TARGETS = ("id", *(f.name for f in CLIENTS.owned(Owner.TEAM, Owner.NORMALISED)), *CLIENT_PARTS)
INVOICE_TARGETS = ("id", *(f.name for f in INVOICES.owned(Owner.TEAM, Owner.NORMALISED)), *INVOICE_PARTS)
