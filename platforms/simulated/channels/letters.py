"""What buyers write, in five languages, and our answers. The texts are invented by us; what we write is only kept."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Final

from platforms.simulated.channels import constants as k
from platforms.simulated.channels import feed
from platforms.simulated.channels.care import later
from platforms.simulated.channels.model import Channel, Customer, Letter, Thread

if TYPE_CHECKING:
    from platforms.simulated.world import World

ABOUT_ORDERS: Final[dict[str, dict[str, str]]] = {
    "where_is_it": {
        "en": "Hello, my order has not arrived yet. Could you tell me where the parcel is?",
        "es": "Hola, mi pedido todavía no ha llegado. ¿Me puede decir dónde está el paquete?",
        "zh": "您好,我的订单还没有到。请问包裹现在在哪里?",
        "de": "Guten Tag, meine Bestellung ist noch nicht da. Wo ist das Paket gerade?",
        "fr": "Bonjour, ma commande n'est pas encore arrivée. Où se trouve le colis ?",
    },
    "damaged": {
        "en": "The box was crushed and the item has a crack. What can you do about it?",
        "es": "La caja llegó aplastada y el artículo tiene una grieta. ¿Qué pueden hacer?",
        "zh": "包装盒被压坏了,商品上有裂缝。请问怎么处理?",
        "de": "Der Karton war eingedrückt und die Ware hat einen Riss. Was können Sie tun?",
        "fr": "Le carton était écrasé et l'article est fendu. Que pouvez-vous faire ?",
    },
    "send_back": {
        "en": "I would like to send this back. It is unused. How do I do that?",
        "es": "Quisiera devolver esto, está sin usar. ¿Cómo lo hago?",
        "zh": "我想退货,没有用过。请问要怎么操作?",
        "de": "Ich möchte das zurückschicken, es ist unbenutzt. Wie geht das?",
        "fr": "Je voudrais renvoyer l'article, il n'a pas servi. Comment faire ?",
    },
    "address": {
        "en": "I gave the wrong house number. Can you still change the address before it ships?",
        "es": "Puse mal el número de la casa. ¿Pueden cambiar la dirección antes del envío?",
        "zh": "我把门牌号写错了,发货之前还能改地址吗?",
        "de": "Ich habe die falsche Hausnummer angegeben. Lässt sich die Adresse noch ändern?",
        "fr": "Je me suis trompé de numéro de rue. Peut-on encore changer l'adresse ?",
    },
}
BEFORE_BUYING: Final[dict[str, str]] = {
    "en": "Is this available in another colour, and how long does delivery take?",
    "es": "¿Lo tienen en otro color, y cuánto tarda el envío?",
    "zh": "请问有其他颜色吗?几天能到?",
    "de": "Gibt es das auch in einer anderen Farbe, und wie lange dauert die Lieferung?",
    "fr": "Existe-t-il dans une autre couleur, et quel est le délai de livraison ?",
}
THANKS: Final[dict[str, str]] = {
    "en": "Thank you for the quick answer.",
    "es": "Gracias por la rápida respuesta.",
    "zh": "谢谢您这么快回复。",
    "de": "Danke für die schnelle Antwort.",
    "fr": "Merci pour votre réponse rapide.",
}


def open_thread(channel: Channel, customer: Customer, sale: int | None, item: int | None, now: datetime) -> Thread:
    """The conversation with this buyer about this order or item; a new one when there is none."""
    for thread in channel.threads.values():
        if (thread.customer.number, thread.sale, thread.item) == (customer.number, sale, item):
            return thread
    made = Thread(channel.next("thread"), customer, sale, item, now, now)
    channel.threads[made.number] = made
    return made


def receive(world: World, channel: Channel, thread: Thread, topic: str, text: str, now: datetime) -> None:
    """A buyer writes."""
    language = thread.customer.language
    letter = Letter(channel.next("letter"), thread.number, True, text, now, language, topic, False)
    _keep(channel, thread, letter)
    feed.tell(
        world, channel, "letter_received", now, thread=thread.number, letter=letter.number, sale=thread.sale,
        item=thread.item,
    )  # fmt: skip


def send(world: World, channel: Channel, thread: Thread, text: str) -> Letter:
    """We write; some buyers answer."""
    letter = Letter(channel.next("letter"), thread.number, False, text, world.now, None, None, True)
    _keep(channel, thread, letter)
    if channel.dice["orders"].random() < k.REPLY_SHARE:
        later(world, channel, "thanks", thread.number, k.REPLY_AFTER_S)
    return letter


def ask(world: World, channel: Channel, customer: Customer, item: int, now: datetime) -> None:
    """Somebody asks about an item before buying."""
    thread = open_thread(channel, customer, None, item, now)
    receive(world, channel, thread, "before_buying", BEFORE_BUYING[customer.language], now)


def _keep(channel: Channel, thread: Thread, letter: Letter) -> None:
    channel.letters[letter.number] = letter
    thread.letters.append(letter.number)
    thread.updated_at = letter.at


def _about_order(world: World, channel: Channel, number: int, now: datetime) -> None:
    sale = channel.sales[number]
    topic = channel.dice["orders"].choice(list(ABOUT_ORDERS))
    thread = open_thread(channel, sale.customer, sale.number, None, now)
    receive(world, channel, thread, topic, ABOUT_ORDERS[topic][sale.customer.language], now)


def _thanks(world: World, channel: Channel, number: int, now: datetime) -> None:
    thread = channel.threads[number]
    receive(world, channel, thread, "thanks", THANKS[thread.customer.language], now)


STEPS: Final[dict[str, Callable[[World, Channel, int, datetime], None]]] = {
    "letter": _about_order,
    "thanks": _thanks,
}
