"""From the inbox to a settled batch: deliveries found, admitted, landed as they came, conformed, their outcome written.

Not here: formats and servers (connectors), the judgement of a value (conforming), what people mend afterwards (mending).
"""
