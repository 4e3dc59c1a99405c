-- password in the file

--# bad in clear
CREATE ROLE web LOGIN PASSWORD 'secret';
--# finds D12 block 1:1
--# says a password in clear

--# bad its hash
ALTER ROLE web PASSWORD 'SCRAM-SHA-256$4096:AAAA$BBBB:CCCC';
--# finds D12 high 1:1

--# good none
CREATE ROLE web LOGIN;

--# good taken away
ALTER ROLE web PASSWORD NULL;
