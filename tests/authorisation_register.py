"""Who may reach what of the first hour, the settings and the proofs of the logs."""

Types = dict[str, tuple[str, dict[str, str]]]

#: Mutations: see `tests.authorisation.MUTATIONS`.
MUTATIONS = {"mailTest": ('(to: "x", language: FI)', "MAIL_TEST")}

#: Fields of Query for the controller.
QUERIES = "checklist settings chainProof registerUsers"

#: Arguments without which a field cannot be asked for.
ARGUMENTS = {
    "Query.chainProof": "(chain: ACCESS_LOG)",
    "Query.personNames": '(keys: ["user:2"])',
    "Checklist.registerName": "(language: FI)",
}

TYPES: Types = {
    "Checklist": ("{ checklist { %s } }", {
        "books": "isDone steps registerName financialYears",
    }),
    "ChecklistStep": ("{ checklist { steps { %s } } }", {"books": "name isDone at what"}),
    "FinancialYear": ("{ checklist { financialYears { %s } } }", {"books": "firstDay lastDay"}),
    "Setting": ("{ settings { %s } }", {"books": "name group value isUsual problem"}),
    "ChainProof": ("{ chainProof(chain: ACCESS_LOG) { %s } }", {
        "books": "lastLink checkedTo isDone faults",
    }),
    "ChainFault": ("{ chainProof(chain: ERASURES) { faults { %s } } }", {"books": "seq what"}),
    "RegisterUser": ("{ registerUsers { %s } }", {
        "books": "key name email permissions roles isSuperuser isActive signedUntil",
    }),
    "PersonName": ('{ personNames(keys: ["user:2"]) { %s } }', {"debts": "key name email"}),
    "MailTest": (
        f"mutation {{ mailTest{MUTATIONS['mailTest'][0]} {{ %s errors {{ code }} }} }}",
        {"books": "sentAt errors"},
    ),
}  # fmt: skip
