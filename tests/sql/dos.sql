CREATE TABLE café (a text);
COPY café (a) FROM stdin;
x;

\.
SELECT 1

, 2;
