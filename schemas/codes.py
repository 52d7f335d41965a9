"""Every code that a person can meet, with the one sentence that says what to do. Owns no detection."""

#: A row left out, in order of precedence: a row has the first that fits.
REJECTS: dict[str, str] = {
    "cell_not_text": "A cell of this row holds bytes that are not text; save the file as "
    "UTF-8 and import the row again.",
    "cell_too_long": "A cell of this row is longer than 32,767 characters; shorten it and import the row again.",
    "row_too_wide": "This row has more cells than the header; put quotes around cells that contain the delimiter.",
    "no_phone_or_email": "This row has neither a valid phone nor a valid e-mail; add one and import the row again.",
    "blocked": "This row can't be imported because the shopper asked to be forgotten.",
    "identity_conflict": "The phone belongs to one persona and the e-mail to another; correct one of them, "
    "or import again with --on-conflict.",
}

#: A row of an archived persona: neither rejected nor applied.
SKIPS: dict[str, str] = {
    "archived": "The persona of this row is archived; restore it, or import again with --archived restore.",
}

#: One value that was not applied; the rest of its row was.
NOTICES: dict[str, str] = {
    "cell_error": "This cell holds a spreadsheet error or a formula without a stored "
    "value; replace it by a plain value.",
    "number_shortened": "This number has more than 15 digits, so the spreadsheet lost some; store it as text.",
    "phone_shortened": "The spreadsheet shortened this phone number; format the column as text and enter it again.",
    "phone_several": "This cell holds several phone numbers; keep one.",
    "phone_extension": "This phone number has an extension; remove it.",
    "phone_letters": "This phone number contains letters; write it in digits.",
    "phone_invalid": "This is not a valid phone number; correct it, with its country code if it is foreign.",
    "phone_kept": "The phone of this row was not taken over, because the persona keeps "
    "its own or another persona owns it.",
    "email_invalid": "This is not one valid e-mail address; correct it.",
    "email_kept": "The e-mail of this row was not taken over, because the persona keeps "
    "its own or another persona owns it.",
    "points_invalid": "Points must be a whole number of at most nine digits; correct the value.",
    "points_below_zero": "These points would leave the balance below zero, so they were refused; correct the value, "
    "or import again with --allow-negative-balance.",
    "not_yes_or_no": "This cell must say yes or no; correct it.",
    "date_invalid": "This is not a date in the column's order; write it as year-month-day.",
    "customer_type_unknown": "The customer type must be medical or recreational; correct it.",
    "opt_in_without_address": "The opt-in was not applied, because the persona doesn't have the "
    "address that it was given for.",
    "opt_in_withheld": "The opt-in was not applied, because the shopper opted out; only the shopper can opt in again.",
}

#: The file can't be used: the import ends as failed.
FAILURES: dict[str, str] = {
    "empty_file": "The file is empty; export it again.",
    "no_rows": "The file has a header but no rows; export it again.",
    "no_header": "The file has no header; add a first row with the names of the columns.",
    "password_protected": "The workbook is protected by a password; remove the password and upload it again.",
    "several_sheets": "The workbook has several sheets with data; choose one with --sheet or remove the others.",
    "unknown_sheet": "The workbook has no visible sheet of that name; check --sheet.",
    "unsupported_type": "The file is not a .csv, .xlsx or .xls file; save it as one of these.",
    "file_too_large": "The file is larger than the limit; split it.",
    "sheet_too_large": "The sheet is larger than the limit; remove empty formatted cells or save it as .csv.",
    "unreadable": "The file is damaged and can't be read; export it again.",
    "bad_encoding": "The file can't be read in the chosen encoding; check --encoding or save it as UTF-8.",
    "bad_options": "The options of this import are wrong; correct the options file and upload both again.",
    "source_changed": "The file was overwritten or deleted during the import; upload it again.",
    "part_keeps_crashing": "A part of this import ended its worker ten times; replay it, or send "
    "its task id to support.",
    "parser_crashed": "The file ended its reader twice, so it was not read; save it again as .csv and upload it.",
    "internal_error": "The import met an error of our own; replay it by its task id when the cause is mended.",
    "counts_do_not_add_up": "The rows of this import don't add up, so it was stopped; send its task id to support.",
}

#: The import waits for a person.
WAITS: dict[str, str] = {
    "no_key_column": "No column is known as phone or e-mail; name one with --map.",
    "doubtful_column": "A column that looks like points or permission is in doubt; decide it with --map or --ignore.",
    "terms_not_accepted": "The terms must be accepted for this import; approve it with --accept-terms.",
    "already_imported": "These bytes were imported before; approve with --again if they should count twice.",
    "plan_drifted": "Something changed since this plan was shown; look at it again, then approve or cancel.",
    "too_many_rejects": "More than half of the rows were rejected; check the file, then approve or cancel.",
}

#: Said about an import that goes on, or is complete.
REMARKS: dict[str, str] = {
    "read_as_windows_1252": "The file is not UTF-8, so it was read as Windows-1252; check names with accents.",
    "waiting_for_earlier": "An earlier import of this account goes first.",
}

ALL: dict[str, str] = {**REJECTS, **SKIPS, **NOTICES, **FAILURES, **WAITS, **REMARKS}


def sentence(code: str) -> str:
    """The sentence for a code; KeyError for one that does not exist."""
    return ALL[code]
