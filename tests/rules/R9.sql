-- view past the policies

--# bad over a table with policies
--# version 150006
--# table public.orders rows 5 bytes 8192 rls
CREATE VIEW v_orders AS SELECT id FROM orders;
--# finds R9 high 1:13
--# says security_invoker = true

--# bad a materialized view
--# table public.orders rows 5 bytes 8192 rls
CREATE MATERIALIZED VIEW m_orders AS SELECT id FROM orders;
--# finds R9 high 1:26

--# good by the rights of the reader
--# table public.orders rows 5 bytes 8192 rls
CREATE VIEW v_orders WITH (security_invoker = true) AS SELECT id FROM orders;

--# good no row level security
--# table public.orders rows 5 bytes 8192
CREATE VIEW v_orders AS SELECT id FROM orders;

--# bad the option is taken away
ALTER VIEW open_orders SET (security_invoker = false);
--# finds R9 high 1:29

--# bad and by RESET
ALTER VIEW open_orders RESET (security_invoker);
--# finds R9 high 1:31

--# good set behind the view
ALTER TABLE orders ENABLE ROW LEVEL SECURITY;
CREATE VIEW open_orders AS SELECT * FROM orders;
ALTER VIEW open_orders SET (security_invoker = on);
