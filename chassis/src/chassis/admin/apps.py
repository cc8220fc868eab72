"""Which admin site the services have; Django reads this before any model exists."""

from django.contrib.admin import apps


class AdminConfig(apps.AdminConfig):
    """Django's admin, with the site of the chassis."""

    default_site = "chassis.admin.site.AdminSite"
