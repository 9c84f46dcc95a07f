"""Which headers real lists use for which target (targets.py), in Polish, English and as services export them.

Data only, beside the tabs' own labels and synonyms (validators/tabs.py), which are not repeated here. Headers are
compared folded (validators/text.py): case, accents, spaces and punctuation do not count, "*InvoiceNo" is "invoice no".
Within one table a header has one target. What is missing here on purpose has two readings ("Do zapłaty": the whole
or the rest; "Details") and is asked. PESEL is never a target.
"""

from collections.abc import Mapping

CLIENT_WORDS: Mapping[str, tuple[str, ...]] = {
    "name": (
        *("Nazwa klienta", "Nazwa kontrahenta", "Nazwa nabywcy", "Nazwa odbiorcy", "Nazwa pełna", "Pełna nazwa"),
        *("Kontrahent", "Nabywca", "Klient", "Odbiorca", "Zleceniodawca", "Imię i nazwisko", "Nazwisko i imię"),
        *("Imię i nazwisko / Nazwa", "Nazwa / Imię i nazwisko", "Nazwa firmy / Imię i nazwisko", "Dane klienta"),
        *("Client", "Client name", "Customer", "Customer name", "Full name", "Display name", "ContactName"),
        *("Account name", "Person - Name", "FN", "buyer_name", "File As"),
    ),
    "contact_person": (
        *("Osoba do kontaktu", "Kontakt", "Osoba", "Przedstawiciel", "Reprezentant", "Primary contact", "Contact"),
        *("Primary Contact Name", "person"),
    ),
    "email": (
        *("E-maile", "Adres mailowy", "Adres mail", "Poczta", "Poczta elektroniczna", "Adres email klienta"),
        *("E-mail Address", "Email addresses", "EmailID", "E-mail 1", "E-mail 1 - Value", "Primary email"),
        *("Person - Email", "Person - Email (Work)", "E-mail klienta", "E-mail kontaktowy", "Mail kontaktowy"),
        *("Client email", "Customer email", "Billing email", "Contact email", "buyer_email", "Adres poczty"),
    ),
    "phone": (
        *("Tel", "Tel kom", "Telefon komórkowy", "Telefon kom", "Komórka", "Kom", "Nr telefonu", "Numer telefonu"),
        *("Nr tel", "Telefon kontaktowy", "Telefon 1", "Tel 1", "Phone number", "Phone no", "Telephone"),
        *("Mobile", "Mobile Phone", "Cell", "Cell phone", "Phone 1", "Phone 1 - Value", "Primary Phone"),
        *(
            "Person - Phone",
            "Person - Phone (Work)",
            "Client phone",
            "Customer phone",
            "Telefon klienta",
            "Telefon GSM",
        ),
    ),
    "tax_id": (
        *("Numer NIP", "Nr NIP", "NIP nabywcy", "NIP kontrahenta", "NIP klienta", "NIP odbiorcy", "NIP firmy"),
        *("VAT UE", "NIP UE", "Numer VAT", "Nr VAT", "NIP / VAT UE", "Identyfikator podatkowy"),
        *("tax_no", "tax_number", "Tax identification number", "TIN", "VAT", "VAT ID"),
        *("VAT no", "VAT number", "VAT registration number", "EU VAT", "Tax registration number"),
        *("buyer_tax_no", "GST Identification Number (GSTIN)"),
    ),
    "address": (
        *("Adres siedziby", "Adres klienta", "Adres firmy", "Adres do korespondencji", "Pełny adres", "Siedziba"),
        *("Adres korespondencyjny", "Full address", "Mailing address", "Address 1 - Formatted"),
        *("Organization - Address", "Person - Postal address"),
    ),
    "channel": ("Preferowany kontakt", "Sposób kontaktu", "Forma kontaktu", "Preferred contact", "Contact method"),
    "language": ("Język klienta", "Język korespondencji", "Lang", "Locale", "Language code"),
    "stage": (
        *("Status klienta", "Etap sprzedaży", "Etap lejka", "Lifecycle Stage", "Lead Status", "Deal - Stage"),
        "Pipeline stage",
    ),
    "tags": (
        *("Tag", "Etykiety", "Etykieta", "Kategorie", "Kategoria", "Grupa", "Grupy", "Labels", "Label", "Categories"),
        *("Category", "Group", "Groups", "Group Membership"),
    ),
    "segment": ("Klasa", "Klasa klienta", "Segment klienta", "ABC"),
    "owner": (
        *("Opiekun klienta", "Handlowiec", "Odpowiedzialny", "Osoba odpowiedzialna", "Przypisany do", "Prowadzący"),
        *("Contact owner", "Account owner", "Assigned to", "Account manager", "Salesperson", "Person - Owner"),
    ),
    "source": (
        *("Źródło pozyskania", "Źródło kontaktu", "Skąd", "Skąd klient", "Pochodzenie", "Lead source"),
        *("Original Source", "Origin"),
    ),
    "cycle": ("Cykl rozliczeń", "Cykl serwisowy", "Częstotliwość", "Frequency", "Billing cycle"),
    "next_step_on": (
        *("Data następnego kontaktu", "Data następnego kroku", "Termin kontaktu", "Następny kontakt"),
        *("Follow-up date", "Next activity date", "Next contact", "Next contact on"),
    ),
    "next_step": ("Kolejny krok", "Co dalej", "Do zrobienia", "Next action", "Next activity", "Follow-up"),
    "notes": (
        *("Uwagi", "Uwaga", "Notatka", "Komentarz", "Komentarze", "Opis", "Informacje dodatkowe", "Note"),
        *("Comment", "Comments", "Remarks", "Description", "Memo"),
    ),
    "documents": ("Dokument", "Umowa", "Umowy", "Pliki", "Załączniki", "Files", "Attachments", "Contract"),
    "marketing_consent": (
        *("Zgoda", "Zgoda na marketing", "Zgody", "Zgoda RODO", "RODO", "Newsletter", "Consent", "GDPR consent"),
        *("Opt-in", "Marketing opt-in"),
    ),
    "hold_until": ("Nie kontaktować do", "Wstrzymane do", "On hold until", "Do not contact until"),
    "hold_reason": ("Przyczyna wstrzymania", "Dlaczego wstrzymano", "Reason for hold"),
    "added_on": (
        *("Data dodania", "Data utworzenia", "Utworzono", "Data pozyskania", "Klient od", "Data rejestracji"),
        *("Create Date", "Created", "Created at", "Created on", "Created Time", "Date added", "Customer since"),
        *("Person - Created", "Person - Person created"),
    ),
    "first_name": (
        *("Imię", "Imiona", "Imię klienta", "First Name", "Given Name", "Forename", "contact_first_name"),
        *("Person - First name", "Imię kontaktu"),
    ),
    "middle_name": ("Drugie imię", "Middle Name", "Additional Name"),
    "last_name": (
        *("Nazwisko", "Nazwisko klienta", "Last Name", "Family Name", "Surname", "contact_last_name"),
        *("Person - Last name", "Nazwisko kontaktu"),
    ),
    "company": (
        *("Firma", "Nazwa przedsiębiorstwa", "Przedsiębiorstwo", "Spółka", "Zakład", "Pracodawca"),
        *("Company name", "Organization", "Organisation", "Organization Name", "Organization 1 - Name"),
        *("Associated Company", "Company Name / Associated Company", "Business name", "Person - Organization"),
    ),
    "street": (
        *("Ulica", "Ulica i numer", "Ulica i nr", "Ulica, numer", "Ulica nr domu", "Ulica i numer domu"),
        *("Adres - ulica", "Adres 1", "Adres linia 1", "AdresL1", "Street", "Street address", "Address line 1"),
        *("Address 1", "Address 1 - Street", "Address street", "Billing Street", "Billing Address"),
        *("Mailing Street", "Business Street", "POAddressLine1", "SAAddressLine1"),
        *("Adres służbowy - ulica",),
    ),
    "building": (
        *("Nr domu", "Numer domu", "Nr budynku", "Numer budynku", "Nr domu / lokalu", "Nr domu/mieszkania"),
        *("Numer domu i lokalu", "House number", "Building", "Building number", "Nr posesji"),
    ),
    "postal_code": (
        *("Kod pocztowy", "Kod poczt", "Post code", "Postal Code", "Zip", "Zip Code"),
        *("ZIP/Postal code", "postal_code/zip_code", "Billing Code", "Billing Zip", "Billing Zip/Postal Code"),
        *("BillingPostalCode", "Mailing Zip/Postal Code", "Business Postal Code", "Address 1 - Postal Code"),
        *("POPostalCode", "Adres służbowy - kod pocztowy", "Adres - kod pocztowy", "Kod"),
    ),
    "city": (
        *("Miasto", "Miejscowość", "Poczta - miejscowość", "City", "Town", "Billing City"),
        *("Mailing City", "Business City", "Address 1 - City", "POCity", "Adres służbowy - miejscowość"),
        *("Adres - miejscowość", "Adres - miasto"),
    ),
    "country": (
        *("Kraj", "Państwo", "Kod kraju", "Country", "Country code", "Country/Region", "Billing Country"),
        *("Mailing Country", "Business Country/Region", "Business Country"),
        *("Address 1 - Country", "POCountry", "Adres służbowy - kraj", "Adres - kraj"),
    ),
    "phone_2": (
        *("Telefon 2", "Tel 2", "Drugi telefon", "Inny telefon", "Telefon dodatkowy", "Telefon stacjonarny"),
        *("Tel stacjonarny", "Telefon służbowy", "Telefon domowy", "Telefon firmowy", "Phone 2", "Phone 2 - Value"),
        *("Other Phone", "Business Phone", "Home Phone", "Work phone", "Landline", "Secondary phone"),
        *("Company Main Phone",),
    ),
    "email_2": (
        *("E-mail 2", "Mail 2", "Drugi e-mail", "Dodatkowy e-mail", "E-mail dodatkowy"),
        *("E-mail 2 - Value", "E-mail 2 Address", "Adres e-mail 2", "Secondary email", "Other email", "CC email"),
    ),
}

INVOICE_WORDS: Mapping[str, tuple[str, ...]] = {
    "number": (
        *("Nr", "Nr faktury", "Faktura", "Faktura nr", "Numer dokumentu", "Nr dokumentu", "Dokument", "Numer pełny"),
        *("Pełny numer", "Numer FV", "Nr FV", "Faktura VAT", "Faktura VAT nr", "Nr dowodu", "Numer dowodu"),
        *("Numer dowodu księgowego", "Nr dowodu księgowego", "Nr dok", "Dowód sprzedaży"),
        *("Invoice", "Invoice No", "Invoice Nr", "Invoice num", "Number of invoice", "Invoice no and date"),
        *("Document number", "Doc no", "DocNumber", "fullnumber"),
    ),
    "client": ("ID klienta / NIP / nazwa", "Odbiorca", "Kupujący", "Płatnik", "Zamawiający", "Buyer", "Bill to"),
    "issued_on": (
        *("Wystawiono", "Data wyst", "Data faktury", "Data dokumentu", "Wystawiona", "Dnia", "Data", "Z dnia"),
        *("Data wystawienia faktury", "Data wystawienia dokumentu", "Data dowodu", "Date", "Issue date", "Issued"),
        *("Date issued", "Invoice Date", "Document date", "TxnDate", "invoiced_at"),
        *("Date of issue",),
    ),
    "due_on": (
        *("Termin", "Termin zapłaty", "Płatne do", "Termin płat", "Data wymagalności", "Wymagalność"),
        *("Zapłata do", "Termin płatności faktury", "Due", "Due Date", "Payment due", "Payment due date"),
        *("payment_to", "due_at", "Date due", "Payable by"),
    ),
    "amount": (
        *("Brutto", "Wartość brutto", "Suma brutto", "Razem brutto", "Kwota", "Wartość", "Razem", "Suma", "Należność"),
        *("Kwota faktury", "Wartość faktury", "Kwota należności", "Należność ogółem", "Wartość dokumentu"),
        *("Ogółem", "Ogółem brutto", "Kwota brutto PLN", "Wartość brutto PLN", "Kwota razem", "Suma faktury"),
        *("Amount", "Total", "Gross", "Gross total", "Total gross", "Invoice total", "Invoice Amount", "Grand total"),
        *("Total amount", "TotalAmt", "price_gross", "Amount (gross)", "Amount incl. VAT", "Total incl. VAT"),
    ),
    "currency": ("Kod waluty", "Wal", "Currency Code", "Ccy"),
    "paid": (
        *("Kwota zapłacona", "Zapłacona kwota", "Kwota zapłaty", "Kwota wpłaty", "Wpłata", "Wpłaty", "Wpłacono"),
        *("Suma wpłat", "Kwota opłacona", "Uregulowano", "Rozliczono", "Zapłacono na dokumencie", "Kwota uregulowana"),
        *("Amount Paid", "Paid Amount", "Paid to date", "Total paid", "Payments", "Payment amount"),
        *("Prepaid",),
    ),
    "paid_on": (
        *("Data wpłaty", "Data płatności zrealizowanej", "Data opłacenia", "Data uregulowania", "Zapłacono dnia"),
        *("Dzień zapłaty", "Data zapłacenia", "Data rozliczenia", "Date Paid", "Paid date"),
        *("Last Payment Date", "FullyPaidOnDate", "Paid at"),
    ),
    "link": (
        *("Link do faktury", "Link do płatności", "Adres faktury", "URL", "Invoice URL", "Invoice link"),
        *("Payment link", "Podgląd", "view_url"),
    ),
    "cancelled": ("Anulowano", "Anulowane", "Czy anulowana", "Voided", "Void", "Canceled", "Is cancelled"),
    "hold_until": ("Wstrzymane do", "Nie przypominać do", "On hold until", "Promised on", "Obiecana data zapłaty"),
    "hold_reason": ("Przyczyna wstrzymania", "Spór", "Reason for hold", "Dispute"),
    "approve": ("Zgoda na wysyłkę", "Wyślij", "Approved", "Send"),
    "notes": (
        *("Uwagi", "Uwaga", "Notatka", "Komentarz", "Opis", "Informacje dodatkowe", "Note", "Comment", "Comments"),
        *("Remarks", "Memo"),
    ),
    "client_name": (
        *("Nazwa nabywcy", "Nabywca nazwa", "Nazwa kontrahenta", "Kontrahent nazwa"),
        *("Nazwa klienta", "Klient nazwa", "Nazwa odbiorcy", "Nazwa firmy", "Firma", "Imię i nazwisko", "Nazwa"),
        *("Client Name", "Customer Name", "ContactName", "Contact", "Buyer name"),
        *("Company", "Company name", "Organization", "Account name", "Customer/Project", "CustomerRef"),
    ),
    "client_tax_id": (
        *("NIP", "NIP nabywcy", "Nabywca NIP", "NIP kontrahenta", "NIP klienta", "NIP odbiorcy", "Kontrahent NIP"),
        *("Numer NIP", "Nr NIP", "Numer NIP nabywcy", "VAT UE", "Identyfikator podatkowy nabywcy", "Tax ID", "Tax no"),
        *("VAT ID", "VAT number", "Buyer tax no", "Customer VAT", "Buyer VAT", "Client VAT number"),
        *("tax_number", "Client tax ID", "Customer tax ID"),
    ),
    "client_email": (
        *("E-mail", "Mail", "Adres e-mail", "E-mail klienta", "E-mail nabywcy", "E-mail kontrahenta"),
        *("Client email", "Customer email", "EmailAddress", "Buyer email"),
    ),
    "client_phone": (
        *("Telefon", "Tel", "Telefon klienta", "Telefon nabywcy", "Telefon kontrahenta", "Phone", "Client phone"),
        *("Customer phone", "Buyer phone"),
    ),
    "client_address": (
        *("Adres", "Adres nabywcy", "Nabywca adres", "Adres kontrahenta", "Adres klienta", "Address"),
        *("Client address", "Customer address", "Buyer address", "Billing Address"),
    ),
    "client_street": (
        *("Ulica", "Ulica i numer", "Ulica nabywcy", "Nabywca ulica", "Street", "Billing Street"),
        *("POAddressLine1", "buyer_street", "Address line 1"),
    ),
    "client_postal_code": (
        *("Kod pocztowy", "Kod pocztowy nabywcy", "Nabywca kod pocztowy", "Postal code", "Postcode", "Zip"),
        *("Zip code", "Billing Code", "Billing Zip", "POPostalCode", "buyer_post_code", "Kod"),
    ),
    "client_city": (
        *("Miasto", "Miejscowość", "Miasto nabywcy", "Miejscowość nabywcy", "Nabywca miasto", "City"),
        *("Billing City", "POCity", "buyer_city"),
    ),
    "client_country": (
        *("Kraj", "Państwo", "Kraj nabywcy", "Nabywca kraj", "Country", "Billing Country", "POCountry"),
        *("buyer_country",),
    ),
    "seller_tax_id": (
        *("NIP sprzedawcy", "Sprzedawca NIP", "NIP wystawcy", "NIP dostawcy", "Seller tax ID", "Seller VAT"),
        *("Seller tax no", "Supplier VAT", "Supplier tax ID"),
    ),
    "seller_name": (
        *("Sprzedawca", "Nazwa sprzedawcy", "Sprzedawca nazwa", "Wystawca", "Dostawca", "Seller", "Seller name"),
        *("Supplier", "Supplier name", "Vendor"),
    ),
    "ksef_number": (
        *("Numer KSeF", "Nr KSeF", "KSeF", "Numer KSeF faktury", "Identyfikator KSeF", "ID KSeF", "KSeF number"),
        *("KSeF ID", "gov_id"),
    ),
    "corrects_number": (
        *("Korekta do", "Faktura korygowana", "Numer faktury korygowanej", "Nr faktury korygowanej"),
        *("Koryguje", "Dokument korygowany", "Corrects", "Corrected invoice", "Corrected invoice number"),
        *("Original invoice", "Credit note for", "NrFaKorygowanej"),
    ),
    "kind": (
        *("Rodzaj", "Rodzaj faktury", "Rodzaj dokumentu", "Typ", "Typ faktury", "Typ dokumentu", "Kind", "Type"),
        *("Invoice type", "Document type"),
    ),
    "state": (
        *("Status", "Status faktury", "Status płatności", "Stan", "Stan płatności", "Stan faktury", "Status dokumentu"),
        *("Invoice Status", "Payment status", "State", "Status rozliczenia"),
    ),
    "due_days": (
        *("Termin dni", "Termin płatności (dni)", "Dni", "Ile dni", "Liczba dni"),
        *("Payment Terms", "Terms", "Net days", "Due days", "Payment days", "payment_to_kind"),
    ),
    "paid_flag": (
        *("Opłacona", "Opłacone", "Opłacono", "Zapłacona", "Zapłacone", "Czy zapłacona", "Czy zapłacono"),
        *("Czy opłacona", "Rozliczona", "Rozliczone", "Uregulowana", "Uregulowane", "Is paid", "Fully paid", "Settled"),
    ),
    "remaining": (
        *("Pozostało", "Pozostało do zapłaty", "Pozostaje do zapłaty", "Do uregulowania", "Niezapłacono", "Zaległość"),
        *("Saldo", "Brakuje", "Do rozliczenia", "Nieuregulowano", "Balance", "Balance Due", "Amount Due"),
        *("Remaining", "Outstanding", "Amount outstanding", "amount_remaining", "Open balance", "Open amount"),
    ),
    "line_amount": (
        *("Wartość brutto pozycji", "Wartość pozycji", "Wartość pozycji brutto", "Kwota pozycji", "Pozycja brutto"),
        *("Line Total", "LineAmount", "ItemAmount", "Item Total", "Total line amount"),
    ),
}
