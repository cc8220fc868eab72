"""Settings of auth_svc, read from top to bottom; what varies comes from the environment."""

from datetime import timedelta
from pathlib import Path
from urllib.parse import quote

from chassis.environment import Env, Rate

from chassis import VERSION, logging, tracing

env = Env()
BASE_DIR = Path(__file__).resolve().parent.parent

# Identity
SERVICE_NAME = "auth-svc"
PREFIX = "auth"

# Secrets and trust
SECRET_KEY = env.key("SECRET_KEY", min_bytes=32)
SERVICE_KEY = env.key("SERVICE_KEY", min_bytes=32)
JWT_ALGORITHM = env.choice("JWT_ALGORITHM", ["HS256", "HS384", "HS512"], default="HS256")
# A key is at least as long as the hash that it feeds (RFC 7518, section 3.2).
JWT_SIGNING_KEY = env.key("JWT_SIGNING_KEY", min_bytes=int(JWT_ALGORITHM[2:]) // 8)
JWT_PREVIOUS_KEY = env.key("JWT_PREVIOUS_KEY", min_bytes=32, default="")
TOKEN_CACHE_SECONDS = env.count("TOKEN_CACHE_SECONDS", default=5, least=0)
AUTH_STALE_SECONDS = env.count("AUTH_STALE_SECONDS", default=60, least=0)
BACKUPS_KEPT_DAYS = env.count("BACKUPS_KEPT_DAYS", default=365)
ALLOWED_HOSTS = env.allowed_hosts(SERVICE_NAME)

# Other services
TASK_SERVICE_URL = env.str("TASK_SERVICE_URL")
USER_SERVICE_URL = env.str("USER_SERVICE_URL")

# Application
INSTALLED_APPS = [
    "chassis.admin.apps.AdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.sessions",
    "chassis.staticfiles.StaticFilesConfig",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "procrastinate.contrib.django",
    "chassis",
    "accounts",
]
MIDDLEWARE = [
    "chassis.tracing.TraceMiddleware",
    "chassis.middleware.RequestLogMiddleware",
    "chassis.middleware.BodyLimitMiddleware",
    "chassis.middleware.TrailingSlashMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "chassis.middleware.ContentSecurityPolicyMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
PAGES = tuple(f"/{PREFIX}/{page}" for page in ("admin", "docs", "schema"))
# `./manage_all.sh dev` sets it. Not Django's DEBUG, which would change what the API says, too.
DEBUG_PAGES = env.debug_pages()
ROOT_URLCONF = "config.urls"
APPEND_SLASH = False
DATA_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]

# Database
DATABASES = {"default": env.database()}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# API
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["accounts.authentication.SessionTokenAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_PARSER_CLASSES": ["chassis.parsers.JSONParser", "chassis.parsers.MergePatchParser"],
    "DEFAULT_RENDERER_CLASSES": ["chassis.renderers.EnvelopeJSONRenderer"],
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "chassis.negotiation.JSONNegotiation",
    "DEFAULT_METADATA_CLASS": None,
    "DEFAULT_SCHEMA_CLASS": "chassis.schema.AutoSchema",
    "EXCEPTION_HANDLER": "chassis.failures.exception_handler",
    "UNAUTHENTICATED_USER": None,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Auth service",
    "DESCRIPTION": "Accounts, sessions and tokens.",
    "VERSION": VERSION,
    "OAS_VERSION": "3.1.1",
    "COMPONENT_SPLIT_REQUEST": True,
    "POSTPROCESSING_HOOKS": ["drf_spectacular.hooks.postprocess_schema_enums", "chassis.links.add_links"],
    "TAGS": [
        {"name": "account", "description": "One's own account and its password."},
        {"name": "sessions", "description": "Where an account is signed in."},
        {"name": "tokens", "description": "Signing in, staying signed in, and validating tokens."},
    ],
    "SERVE_AUTHENTICATION": [],
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
}

# Accounts
AUTH_USER_MODEL = "accounts.User"
PASSWORD_HASHERS = ["accounts.hashers.BoundedBCryptSHA256PasswordHasher"]
PASSWORD_REJECT_COMMON = env.bool("PASSWORD_REJECT_COMMON", default=False)
PASSWORD_RESET_TIMEOUT = 3600
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "accounts.validators.NotBlankValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
if PASSWORD_REJECT_COMMON:
    AUTH_PASSWORD_VALIDATORS.append({"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"})
ACCESS_TOKEN_LIFETIME = timedelta(minutes=env.count("ACCESS_TOKEN_EXPIRE_MINUTES", default=60))
SESSION_LIFETIME = timedelta(days=env.count("SESSION_EXPIRE_DAYS", default=30))
# Of one account, live ones: at a login beyond it the oldest ends.
MAX_SESSIONS = env.count("MAX_SESSIONS", default=50)
REFRESH_GRACE = timedelta(seconds=10)
RATES = {
    "login": env.rate("LOGIN_RATE", default="5/minute"),
    "login_account": env.rate("LOGIN_ACCOUNT_RATE", default="60/hour"),
    "confirm": env.rate("CONFIRM_RATE", default="10/hour"),
    "sign_in": env.rate("SIGN_IN_RATE", default="120/minute"),
    "login_ip": env.rate("LOGIN_IP_RATE", default="60/minute"),
    "register": env.rate("REGISTER_RATE", default="60/hour"),
    "refresh": env.rate("REFRESH_RATE", default="60/minute"),
    "reset": env.rate("RESET_RATE", default="5/hour"),
    "reset_mailbox": env.rate("RESET_MAILBOX_RATE", default="3/hour"),
    "reset_pause": Rate(1, timedelta(minutes=2)),
    "reset_confirm": env.rate("RESET_CONFIRM_RATE", default="30/hour"),
    "validate": env.rate("VALIDATE_RATE", default="60/minute"),
}

# Mail and jobs
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="tasks@localhost")
# Without a mail server mails are files: a log may hold no token.
vars().update(env.email("EMAIL_URL", default=f"filemail://{quote(str(BASE_DIR))}/mails"))
# Seconds that a mail server may say nothing, or no job would run any more.
EMAIL_TIMEOUT = 10
PROCRASTINATE_AUTODISCOVER_MODULE_NAME = "jobs"
PROCRASTINATE_WORKER_DEFAULTS = {"task_middleware": [tracing.trace_job]}

# Pages: admin, documentation, static files
STATIC_URL = f"/{PREFIX}/static/"
STATIC_ROOT = env.str("STATIC_ROOT", default=str(BASE_DIR / "static"))
STORAGES = {
    "staticfiles": {"BACKEND": "chassis.staticfiles.StaticFilesStorage"},
}
AUTHENTICATION_BACKENDS = ["accounts.backends.LimitedBackend"]
# A browser keeps the cookies of three admins on one host apart by name and path.
COOKIE_PREFIX = f"__Secure-{PREFIX}" if env.tls() else PREFIX
SESSION_COOKIE_NAME = f"{COOKIE_PREFIX}_session"
SESSION_COOKIE_PATH = f"/{PREFIX}/admin/"
SESSION_COOKIE_SECURE = env.tls()
CSRF_COOKIE_NAME = f"{COOKIE_PREFIX}_csrf"
CSRF_COOKIE_PATH = f"/{PREFIX}/admin/"
CSRF_COOKIE_SECURE = env.tls()
CSRF_FAILURE_VIEW = "chassis.failures.csrf_failure"
# The gateway overwrites this header, and only the gateway reaches the services.
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
# Subdomains and preloading (W005, W021) are the domain owner's to decide; the gateway redirects to https (W008).
# auth.W004: the address is unique in lower case, by a constraint that this check does not read.
SILENCED_SYSTEM_CHECKS = ["auth.W004", "security.W005", "security.W008", "security.W021"]
SECURE_HSTS_SECONDS = 31_536_000 if env.tls() else 0

# Language, time, logs
LANGUAGE_CODE = "en"
USE_I18N = False
TIME_ZONE = "UTC"
DATETIME_FORMAT = "Y-m-d H:i"
LOGGING = logging.configuration(SERVICE_NAME, env.log_level(), env.log_format())
