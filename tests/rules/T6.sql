-- body that cannot be judged

--# bad put together at run time
DO $$ BEGIN EXECUTE 'DROP TABLE ' || current_setting('app.table'); END $$;
--# finds T6 medium 1:21

--# good a constant is looked into
DO $$ BEGIN EXECUTE 'ANALYZE orders'; END $$;

--# good plain statements
DO $$ BEGIN PERFORM 1; END $$;
