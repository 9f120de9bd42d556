from django.db import models


class Kept(models.Model):
    """A row with columns that one service alone writes, in the database, by UPDATE.

    `kept_fields` names them. save() of an existing row leaves them as they are: a form that was
    opened minutes ago must not write back the stock it saw then.
    """

    kept_fields: tuple[str, ...] = ()

    class Meta:
        abstract = True

    def save(self, *args, update_fields=None, **kwargs):
        if update_fields is None and not self._state.adding:
            left_alone = {*self.kept_fields, *self.get_deferred_fields()}
            update_fields = [
                field.name
                for field in self._meta.concrete_fields
                if not field.primary_key
                and not field.generated
                and field.name not in left_alone
                and field.attname not in left_alone
            ]
        super().save(*args, update_fields=update_fields, **kwargs)
