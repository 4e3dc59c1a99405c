-- errors are swallowed

--# bad every error
DO $$ BEGIN DELETE FROM app.orders WHERE id = 1; EXCEPTION WHEN others THEN NULL; END $$;
--# finds T7 high 1:65

--# good one that is named
DO $$ BEGIN CREATE TYPE mood AS ENUM ('calm'); EXCEPTION WHEN duplicate_object THEN NULL; END $$;

--# good raised again
DO $$ BEGIN DELETE FROM app.orders WHERE id = 1; EXCEPTION WHEN others THEN RAISE; END $$;
