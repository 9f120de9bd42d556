"""One settings file for every environment; only the environment differs (see .env.example)."""

from datetime import timedelta
from pathlib import Path

import environ
from csp.constants import NONE, SELF, UNSAFE_EVAL, UNSAFE_INLINE
from django.core.exceptions import ImproperlyConfigured

from backoffice.sidebar import UNFOLD  # noqa: F401

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()
env.read_env(BASE_DIR / ".env")

DEBUG = env.bool("DEBUG", default=False)
# The demo brings sample data, printed passwords and the pretend phone: never where real money is.
DEMO = env.bool("DEMO", default=False)
RELAXED = DEBUG or DEMO


def required(name, meaning):
    """Read `name` from the environment; stop the start with a sentence when it is missing."""
    value = env.str(name, default="")
    if not value:
        raise ImproperlyConfigured(f"{name} is not set: {meaning} See .env.example.")
    return value


SECRET_KEY = (
    env.str("SECRET_KEY", default="") or "only-for-a-demo-on-this-machine-" + "x" * 32
    if RELAXED
    else required("SECRET_KEY", "a long random string that signs sessions.")
)
ALLOWED_HOSTS = (
    env.list("ALLOWED_HOSTS", default=["*"])
    if RELAXED
    else required("ALLOWED_HOSTS", "the host names this site answers to, separated by commas.").split(",")
)
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
BASE_URL = (
    env.str("BASE_URL", default="http://127.0.0.1:8000")
    if RELAXED
    else required("BASE_URL", "the public https address, to which payment callbacks are sent.")
)
# Seals secrets of providers in the database: the first key encrypts, all of them decrypt.
ENCRYPTION_KEYS = (
    env.list("ENCRYPTION_KEYS", default=[]) or ["b25seS1mb3ItYS1kZW1vLW9uLXRoaXMtbWFjaGluZS0="]
    if RELAXED
    else required("ENCRYPTION_KEYS", "keys that seal the secrets of payment providers.").split(",")
)

INSTALLED_APPS = [
    "backoffice",
    "unfold",
    "unfold.contrib.filters",
    "unfold.contrib.forms",
    "unfold.contrib.inlines",
    "unfold.contrib.import_export",
    "unfold.contrib.simple_history",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "axes",
    "csp",
    "django_tasks",
    "django_tasks_db",
    "import_export",
    "phonenumber_field",
    "simple_history",
    "backoffice.people",
    "backoffice.imports",
    "inventory",
    "sales",
    "payments",
]

MIDDLEWARE = [
    "payments.middleware.straight_to_hooks",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "backoffice.scoping.ScopeMiddleware",
    "simple_history.middleware.HistoryRequestMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "backoffice.urls"
WSGI_APPLICATION = "backoffice.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "backoffice.scoping.business_switcher",
            ]
        },
    }
]

# Databases: SQLite needs no server; PostgreSQL is production. Both hold the same rules.
DATABASES = {"default": env.db("DATABASE_URL", default=f"sqlite:///{BASE_DIR / 'db.sqlite3'}")}
DATABASES["default"]["ATOMIC_REQUESTS"] = False
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    DATABASES["default"]["OPTIONS"] = {
        # IMMEDIATE takes the write lock at BEGIN, so a read-then-write transaction waits instead of failing.
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;",
    }
else:
    DATABASES["default"]["CONN_MAX_AGE"] = env.int("CONN_MAX_AGE", default=60)
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
    DATABASES["default"]["OPTIONS"] = {
        "options": "-c lock_timeout=10s -c statement_timeout=30s -c idle_in_transaction_session_timeout=30s"
    }
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

CACHES = {
    "default": env.cache("CACHE_URL", default="dbcache://django_cache" if not RELAXED else "locmemcache://")
}

# Background work: a queue in the same database, taken up by `manage.py db_worker`; or one in Redis, by
# `manage.py rqworker`.
REDIS_URL = env.str("REDIS_URL", default="")
QUEUES = ["default", "payments", "imports"]
TASKS = {
    "default": {
        "BACKEND": "django_tasks_rq.RQBackend" if REDIS_URL else "django_tasks_db.DatabaseBackend",
        "QUEUES": QUEUES,
    }
}
# A large file takes minutes; a worker that is still at it after an hour hangs.
RQ_QUEUES = {name: {"URL": REDIS_URL, "DEFAULT_TIMEOUT": 3600} for name in QUEUES}

# A worker that says nothing of an import for so many seconds is taken for dead, and another takes it up.
IMPORT_SILENCE = env.int("IMPORT_SILENCE", default=60)

# How many proxies of ours stand in front; only what they say of the visitor is believed.
PROXY_COUNT = env.int("PROXY_COUNT", default=0)

# People
AUTH_USER_MODEL = "people.User"
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "backoffice.people.backend.RoleBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "admin:login"
LOGIN_REDIRECT_URL = "admin:index"
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = timedelta(minutes=15)
# By person and address: a stranger's guesses from elsewhere must not lock the owner out of the shop.
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
# The login form sends the email as "username"; axes would look for "email" and count for nobody.
AXES_USERNAME_FORM_FIELD = "username"
AXES_USERNAME_CALLABLE = "backoffice.people.backend.typed_login"
AXES_ENABLE_ADMIN = False
AXES_VERBOSE = False  # its greeting at every start of every command
AXES_CLIENT_IP_CALLABLE = "backoffice.addresses.guesser_address"
AXES_LOCKOUT_TEMPLATE = "backoffice/locked_out.html"

# Language, time, money
LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English")]
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_TZ = True
TIME_ZONE = "Africa/Nairobi"
USE_THOUSAND_SEPARATOR = True
FORMAT_MODULE_PATH = ["backoffice.formats"]
PHONENUMBER_DEFAULT_REGION = "KE"

# Files
STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
MEDIA_URL = "/media/"
MEDIA_ROOT = BASE_DIR / "media"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if RELAXED
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
    "import_export": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {
            "location": BASE_DIR / "tmp" / "imports",
            "file_permissions_mode": 0o600,
            "directory_permissions_mode": 0o700,
        },
    },
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_621_440
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5000
DATA_UPLOAD_MAX_NUMBER_FILES = 5

# Import and export are open to every staff login unless these name a permission.
IMPORT_EXPORT_IMPORT_PERMISSION_CODE = "import"
IMPORT_EXPORT_EXPORT_PERMISSION_CODE = "export"
IMPORT_EXPORT_TMP_STORAGE_CLASS = "import_export.tmp_storages.MediaStorage"
IMPORT_EXPORT_USE_TRANSACTIONS = True
SIMPLE_HISTORY_REVERT_DISABLED = True

# Browser defences
SESSION_COOKIE_AGE = 12 * 60 * 60
SESSION_COOKIE_SAMESITE = "Lax"
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
if not RELAXED:
    SESSION_COOKIE_NAME = "__Host-session"
    CSRF_COOKIE_NAME = "__Host-csrf"
    SESSION_COOKIE_SECURE = True
    CSRF_COOKIE_SECURE = True
    SECURE_SSL_REDIRECT = True
    # A payment callback is delivered once: a redirect would lose it.
    SECURE_REDIRECT_EXEMPT = [r"^hooks/"]
    SECURE_HSTS_SECONDS = 31_536_000
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_HSTS_PRELOAD = True
    if PROXY_COUNT:
        SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        # The theme evaluates its Alpine expressions, hence unsafe-eval; there are no inline scripts.
        "script-src": [SELF, UNSAFE_EVAL],
        "style-src": [SELF, UNSAFE_INLINE],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [SELF],
        "frame-ancestors": [NONE],
        "form-action": [SELF],
    }
}

# M-Pesa. In the demo, prompts go to the simulator on loopback instead (see payments/simulator).
MPESA = {
    "base_url": env.str("MPESA_BASE_URL", default="https://api.safaricom.co.ke"),
    "consumer_key": env.str("MPESA_CONSUMER_KEY", default=""),
    "consumer_secret": env.str("MPESA_CONSUMER_SECRET", default=""),
    "shortcode": env.str("MPESA_SHORTCODE", default=""),
    "passkey": env.str("MPESA_PASSKEY", default=""),
    "till": env.str("MPESA_TILL", default=""),
}
# Off: a delivery from an address that is not on Safaricom's list is taken, and marked. On: it is refused.
MPESA_ENFORCE_ADDRESSES = env.bool("MPESA_ENFORCE_ADDRESSES", default=False)
PAYMENT_SIMULATOR_URL = env.str("PAYMENT_SIMULATOR_URL", default="http://127.0.0.1:8090") if DEMO else ""

# What the index page shows, in this order; each is a function(request) -> Card or None.
DASHBOARD_CARDS = [
    "inventory.dashboard.first_products",
    "sales.dashboard.first_order",
    "payments.dashboard.unmatched_money",
    "payments.dashboard.attempts_in_doubt",
    "payments.dashboard.deliveries_to_look_at",
    "payments.dashboard.failed_payments",
    "payments.dashboard.refunds_waiting",
    "payments.by_hand_dashboard.transfers_to_confirm",
    "payments.by_hand_dashboard.cheques_to_deposit",
    "payments.by_hand_dashboard.bounced_cheques",
    "sales.dashboard.orders_to_ship",
    "inventory.dashboard.low_stock",
    "sales.dashboard.sales_today",
    "sales.dashboard.sales_this_month",
    "sales.dashboard.sales_chart",
    "sales.dashboard.top_products",
]

# Buttons that an app puts on the pages of an app below it.
ROW_DIALOGS = {
    "sales.Order": [
        "payments.dialogs.RequestPaymentDialog",
        "payments.dialogs.RequestCardDialog",
        "payments.dialogs.RequestPaypalDialog",
        "payments.by_hand_dialogs.RecordCashDialog",
        "payments.by_hand_dialogs.RecordTransferDialog",
        "payments.by_hand_dialogs.RecordChequeDialog",
        "payments.refund_dialogs.RefundOrderDialog",
    ],
}

# What workers do every few seconds beside their tasks: functions without arguments.
SWEEPS = ["payments.services.sweeping.sweep"]

# Who tells which part of the demo, in this order; each is a function(story).
DEMO_STEPS = [
    "inventory.demo.stock_shelves",
    "sales.demo.take_orders",
    "payments.demo.take_money",
]

# What spreadsheets can fill: ImportResource classes, in the order in which they are offered.
IMPORT_RESOURCES = [
    "inventory.resources.ProductResource",
    "inventory.resources.CategoryResource",
    "inventory.resources.PriceResource",
    "inventory.resources.OpeningStockResource",
    "inventory.resources.StockCountResource",
    "backoffice.people.resources.CustomerResource",
    "payments.resources.MpesaStatementResource",
    "payments.resources.BankStatementResource",
]

# Modules whose INVARIANTS `manage.py check_invariants` holds against the database.
INVARIANTS = [
    "backoffice.invariants",
    "inventory.invariants",
    "sales.invariants",
    "payments.invariants",
]

# What other apps show on an order's page: templates, given the order as `original`.
ORDER_PANELS = ["payments/order_panel.html", "payments/by_hand_panel.html"]

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
    # Django logs the paths of requests, and the path of a payment callback is a secret.
    "filters": {"hide_tokens": {"()": "payments.log_filters.HideTokens"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "loggers": {
        "django.request": {"filters": ["hide_tokens"]},
        "django.server": {"filters": ["hide_tokens"], "handlers": ["console"], "propagate": False},
    },
    "root": {"handlers": ["console"], "level": env.str("LOG_LEVEL", default="INFO")},
}
