/* SPDX-License-Identifier: PostgreSQL */
/*
 * Facts of transaction control: nothing is read, written or locked; a savepoint has a
 * name.
 */
#include "facts.h"

bool take_transaction(struct gathering *gathering, const PgQuery__Node *node)
{
    if (node->node_case != PG_QUERY__NODE__NODE_TRANSACTION_STMT) {
        return false;
    }
    gather(gathering, SQL_FORM_TRANSACTION)->part =
        str_from(node->transaction_stmt->savepoint_name);
    return true;
}
