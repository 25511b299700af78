-- What members owe each other is what they have coming: the net of every month is 0, and statements say the same.
with net as (
    select
        month,
        sum(net_fen) as net_fen,
        sum(provided_fen) as provided_fen
    from {{ ref('market_net') }}
    group by month
),

stated as (
    select
        month,
        sum(settled_fen) as settled_fen
    from {{ ref('market_statement') }}
    group by month
)

select
    n.month,
    n.net_fen,
    n.provided_fen,
    s.settled_fen
from net as n
full outer join stated as s
    on n.month = s.month
where
    n.net_fen <> 0
    or coalesce(n.provided_fen, 0) <> coalesce(s.settled_fen, 0)
