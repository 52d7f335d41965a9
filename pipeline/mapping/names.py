"""The names under which fields are known, as whole headers. Judges no values and chooses between no columns."""

import unicodedata
from functools import cache

from schemas.fields import FIELDS, TEMPLATE_HEADERS

#: Whole headers by field, without spaces and signs; each line is less certain than the one before.
_KNOWN: dict[str, tuple[str, ...]] = {
    "first_name": (
        "fname first givenname given forename namefirst nameofcustomerfirst prenom prénom vorname primernombre "
        "voornaam",
        "nombres nombre",
    ),
    "last_name": (
        "lname last surname familyname lastnames namelast nachname apellido apellidos nomdefamille achternaam "
        "cognome sobrenome familienname",
    ),
    "full_name": (
        "name fullname nameofcustomer namefull firstandlastname firstlastname fullnames nombrecompleto nomcomplet",
        "displayname",
    ),
    "phone": (
        "msisdn handy handynummer mobil mobilnummer mobiltelefon celular móvil movil mobiel telefonomovil "
        "teléfonomóvil telephoneportable téléphoneportable telefonocellulare",
        "telefon telefonnummer telefono teléfono téléphone telefoon telefoonnummer telefone numerodetelefono "
        "contactnumber contactno",
    ),
    "email": (
        "emails correo correoelectronico correoelectrónico courriel adresseemail emailadresse mailadresse "
        "emailadres adressemail",
    ),
    "birthday": (
        "birthdate dateofbirth dob bday datebirth birthdaydate birthdayfull datenaissance datedenaissance "
        "geburtstag geburtsdatum fechadenacimiento fechanacimiento geboortedatum datanascimento datadinascita",
        "birth",
    ),
    "address": (
        "address1 addressline1 street streetaddress street1 streetaddress1 streetaddressline1 addressstreet addr "
        "addr1 addressline streetline1 line1 address1street address1line1 streetname adresse "
        "anschrift strasse direccion dirección calle domicilio adres straat endereco endereço indirizzo",
        "streetaddresslines",
        "postaladdress",
    ),
    "address2": (
        "addressline2 street2 streetaddress2 streetaddressline2 addr2 streetline2 line2 apt apartment suite unit "
        "aptsuite apartmentsuite apartmentnumber aptnumber aptno suitenumber unitnumber aptunit extendedaddress "
        "address1extendedaddress address1street2 address1line2 addresssuite addressadditional",
    ),
    "city": (
        "town cityname towncity citytown ciudad ville stadt ort plaats woonplaats cidade città",
        "locality suburb municipality village",
    ),
    "state": (
        "province stateprovince provincestate statecode provincecode statename stateregion provinceregion "
        "stateabbr stateabbreviation stateorprovince stateprovincecode stateprovinceregion statecounty countystate "
        "estado provincia bundesland",
        "region regionstate county prefecture administrativearea territory",
    ),
    "postal_code": (
        "zip zipcode postcode postal zippostal zippostalcode postalzip postalzipcode zipcodepostalcode "
        "zipcodepostal zip5 zippostcode postalcodezip zipcodepostcode plz postleitzahl codepostal codepostale "
        "codigopostal códigopostal eircode pincode cep",
    ),
    "country": (
        "countryname countryregion countrycodeiso countryiso countryiso2 isocountry isocountrycode land pais país pays",
        "countrycode countryid",
    ),
    "gender": ("sex geschlecht genero género sexe geslacht genere",),
    "points": (
        "pointsadjustment pointadjustment pointsadjustments adjustpoints pointstoadjust pointstoadd addpoints "
        "pointsdelta pointdelta deltapoints pointschange pointstocredit pointstoaward loyaltypointsadjustment "
        "ptstoadd ptsadjustment ptsdelta",
    ),
    "customer_type": ("custtype consumertype", "patienttype"),
    "loyalty": (
        "loyaltymember isloyaltymember loyaltycustomer loyaltyoptin loyaltyenrolled isloyalty isloyal inloyalty "
        "loyaltyprogrammember loyaltyprogram loyaltyprogramme rewardsmember loyaltymembership enrolledinloyalty",
    ),
    "loyalty_signup_date": (
        "loyaltysignup loyaltysignedup loyaltysignupat loyaltyjoindate loyaltyjoineddate loyaltyjoined "
        "loyaltyjoinedat loyaltydatejoined loyaltyenrollmentdate loyaltyenrolmentdate loyaltyenrolleddate "
        "loyaltyenrolledat loyaltyregistrationdate loyaltymembersince loyaltystartdate loyaltysince loyaltydate "
        "rewardssignupdate rewardsjoindate loyaltymembershipdate",
        "membersince memberdate membershipdate membershipstartdate memberjoindate enrollmentdate enrolmentdate "
        "dateenrolled enrolledat",
        "dateadd",
    ),
    "favorite_store": (
        "favouritestore favstore preferredstore favoritelocation favouritelocation preferredlocation favoriteshop "
        "favouriteshop preferredshop favoritedispensary favouritedispensary preferreddispensary favoritestorename "
        "storepreference mystore",
        "homestore homelocation homedispensary primarystore primarylocation defaultstore",
    ),
    "external_id": (
        "externalcustomerid customerexternalid extid",
        "customerid customeruuid customeruid contactid memberid userid clientid guestid patientid shopperid "
        "personid profileid subscriberid consumerid buyerid recordid recordidcontact squarecustomerid "
        "shopifycustomerid klaviyoid customernumber customerno membernumber memberno clientnumber clientno "
        "customercode guestcode clientcode customerref customerreference kundennummer kundennr "
        "numeroclient numéroclient numerocliente númerocliente klantnummer guestnumber uniqueid "
        "uniqueidentifier useralias useraliasname",
        "uuid guid uid identifier",
        "id referenceid",
        "membershipnumber membershipid loyaltyid loyaltynumber",
    ),
}
#: Only these whole headers can ever mean a permission; the second line needs values that say yes or no.
_PERMISSIONS: dict[str, tuple[str, str]] = {
    "sms_opt_in": (
        "smsoptedin optedinsms optedintosms optintosms acceptssms subscribedtosms acceptsms acceptssmsmarketing "
        "acceptsmsmarketing smsmarketingoptin smsmarketingoptedin optinsmsmarketing textoptin textoptedin "
        "optintext textmessageoptin textmarketingoptin acceptstexts acceptstext accepttext acceptstextmessages "
        "optintotexts receivesms receivessms receivemarketingsms receivemarketingtexts",
        "smsconsent smsmarketingconsent consentsms smspermission smssubscribed subscribedsms smsallowed allowsms "
        "textconsent smsmarketing smssubscriber",
    ),
    "email_opt_in": (
        "emailoptedin optedinemail optedintoemail optintoemail acceptsemail acceptemail acceptsemails "
        "subscribedtoemail subscribedtoemails acceptsemailmarketing acceptemailmarketing emailmarketingoptin "
        "emailmarketingoptedin optinemailmarketing receivesemail receivesemails "
        "receivemarketingemail receivemarketingemails",
        "emailconsent emailmarketingconsent consentemail emailpermission emailsubscribed subscribedemail "
        "emailallowed allowemail emailmarketing emailsubscriber",
    ),
}
#: Says a permission, but not on which channel: usable only where the file knows a single one.
WITHOUT_CHANNEL = frozenset({"subscribed", "issubscribed"})
#: Names that are a phone or a permission, or a phone or an e-mail: only the values tell.
UNCLEAR = frozenset({"sms", "text", "texts", "textmessage", "textmessages"})
CONTACTS = frozenset({"contact", "contactinfo", "contactdetails", "recipient", "subscriber", "login"})


def words_of(line: str) -> frozenset[str]:
    """The words of a line of a table."""
    return frozenset(line.split())


def fold(text: str) -> str:
    """The text with compatible signs and cases made one."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold()).strip()


def header_key(text: str) -> str:
    """What headers are compared by: folded letters and digits; '' for a header without any."""
    return "".join(sign for sign in fold(text) if sign.isalnum())


@cache
def known_names() -> dict[str, tuple[str, int]]:
    """Header key → field and rank, 0 being the product's own names; no permissions but the product's own opt-ins."""
    names: dict[str, tuple[str, int]] = {}
    for field in FIELDS:
        # An opt-out is never assumed but under the product's own printed header.
        if not field.endswith("_opt_out"):
            names[header_key(field)] = field, 0
    names |= {header_key(header): (field, 0) for header, field in TEMPLATE_HEADERS.items()}
    for field, lines in _KNOWN.items():
        for rank, line in enumerate(lines, start=1):
            for key in line.split():
                names.setdefault(header_key(key), (field, rank))
    return names


@cache
def permission_names() -> dict[str, tuple[str, bool]]:
    """Header key → opt-in field, and whether the name alone is not enough."""
    return {
        key: (field, soft)
        for field, lines in _PERMISSIONS.items()
        for soft, line in zip((False, True), lines, strict=True)
        for key in line.split()
    }
