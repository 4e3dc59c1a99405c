/* SPDX-License-Identifier: PostgreSQL */
/*
 * Facts of transaction control: nothing is read, written or locked.
 */
#include "facts.h"

bool take_transaction(struct gathering *gathering, const PgQuery__Node *node)
{
    if (node->node_case != PG_QUERY__NODE__NODE_TRANSACTION_STMT) {
        return false;
    }
    gather(gathering, SQL_FORM_TRANSACTION);
    return true;
}
