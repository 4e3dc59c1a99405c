COPY t FROM stdin; -- data follow
1	a;b
2	'

\.x
\.
COPY public.t (a, "from") FROM STDIN WITH (FORMAT csv);
"a
\."
\.
copy t from stdout;
2	b;
\.
SELECT 1;
COPY t TO stdout;
COPY (SELECT a FROM stdin) TO STDOUT;
COPY t FROM '/dev/null';
COPY t FROM PROGRAM 'true';
