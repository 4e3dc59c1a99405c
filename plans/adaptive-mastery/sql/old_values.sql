-- One text for all that the six old columns hold, in every row: the same after as before, or
-- something was changed.
select md5(string_agg(concat_ws(' ', id, user_id, current_week, current_phase, weekly_scores,
                                extract(epoch from updated_at)), ',' order by id))
from public.plan_progress
