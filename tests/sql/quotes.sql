-- Strings and names in all their spellings; a semicolon in each.
SELECT 'a;b', 'it''s;', E'it\'s;', e'\\;', B'01', X'1F', N'n;', U&'d\0061t;', "a;b", "a"";b", U&"d\0061;";
SELECT 'one;'
  'two;',
  $$dollar;$$, $tag$ $$ ; $other$ $tag$;
SELECT 'a\';
SELECT $1, $2::text, a$b$ FROM t;

SELECT 'line

kept;';
SELECT 1

  -- an empty line, and a comment; with a semicolon

 , 2;
